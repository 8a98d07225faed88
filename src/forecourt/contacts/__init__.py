"""Contacts: the customers, and how they are reached."""
