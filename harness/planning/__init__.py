"""From a library and a selection to the trials of a run."""
