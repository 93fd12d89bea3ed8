"""Errors that nobody injected: named, joined into episodes, and counted."""
