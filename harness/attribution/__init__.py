"""The first wrong step of a trial, found by experiment: its steps again, up to k, and a way on."""
