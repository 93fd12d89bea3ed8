"""Loads the merchandise system's export into Redis."""
