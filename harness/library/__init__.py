"""What authors write (tasks, faults, sandboxes) is found, read and checked here."""
