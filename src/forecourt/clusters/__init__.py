"""Lead clusters: one customer of one dealership, with every enquiry."""
