"""Assignment: who of the staff gets a customer that nobody answers for yet."""
