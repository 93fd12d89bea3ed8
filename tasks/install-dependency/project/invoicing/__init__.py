"""Quarterly invoice reports."""
