"""Who is told when a lead comes: the customer once, the dealership by its rules."""
