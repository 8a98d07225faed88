"""Payments: money exact to the cent, charges exact as they were sent."""
