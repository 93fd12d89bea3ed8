"""A run as pages to look at: one file to keep and to send, or served while it runs."""
