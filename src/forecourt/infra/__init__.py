"""What knows PostgreSQL, HTTP, files and clocks, and nothing of cars."""
