"""Appointments and test drives: booked, moved, cancelled, kept; a car is driven by one customer at a time."""
