"""What is written to people: its words, how it goes out, what became of it."""
