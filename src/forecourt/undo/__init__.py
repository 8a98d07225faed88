"""Taking back what was done: an event that undoes another, and the history keeps both."""
