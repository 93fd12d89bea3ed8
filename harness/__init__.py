"""A crash-test rig for coding agents: real faults in real containers, and an objective verdict."""

__version__ = "0.1.0"
