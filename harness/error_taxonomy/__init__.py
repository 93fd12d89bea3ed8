"""Errors that were not injected: named, joined into episodes, and counted."""
