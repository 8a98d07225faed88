"""Leads: one enquiry of one customer at one dealership, field for field as the contract has it."""
