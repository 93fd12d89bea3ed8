"""What was found out, shown: at a terminal, in a browser, to a CI service."""
