"""The log: what happened, when, by whom, from what to what."""
