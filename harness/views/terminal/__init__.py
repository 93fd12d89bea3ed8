"""Runs and trials told to people at a terminal."""
