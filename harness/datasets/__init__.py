"""Training data from recorded trials: what was right, what was wrong, what would have passed."""
