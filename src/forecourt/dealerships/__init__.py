"""Dealerships and the groups they belong to."""
