"""What the staff and developers see in a browser: HTML from the server, live and quicker where there is JavaScript."""
