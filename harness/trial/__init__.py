"""One trial, and many: the environment made, the agent played, the end verified."""
