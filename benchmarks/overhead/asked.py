"""What one trial asks of a server, counted; and what it and its worker compute for that."""
