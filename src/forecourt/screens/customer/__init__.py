"""The customer's page: who it is, what they asked, all that happened, and what can be done about it."""
