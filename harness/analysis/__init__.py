"""What decides: pure functions from a history to facts, verdicts and figures."""
