"""Faults made to happen: when they are due, how they are injected, and how they are reverted."""
