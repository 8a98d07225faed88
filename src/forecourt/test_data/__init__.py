"""What keys of the mode test have written, and how it goes again."""
