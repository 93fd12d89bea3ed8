"""Shell text, read without running it."""
