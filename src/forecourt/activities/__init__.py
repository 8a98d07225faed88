"""What staff do for a customer, and the customer does: calls, messages, visits, notes."""
