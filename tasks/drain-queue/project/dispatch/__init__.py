"""Turns the orders of the day into invoices, each exactly once."""
