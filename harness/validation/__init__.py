"""Tasks, faults and pairs are validated: they do what they say, in containers."""
