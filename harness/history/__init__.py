"""What is written down: histories, run folders, and an index of them."""
