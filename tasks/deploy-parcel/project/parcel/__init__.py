"""Prices the parcels of a day."""
