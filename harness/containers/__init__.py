"""Images, containers, shells and the command gate: the only place that knows Docker."""
