"""The verbs of the command line, a module each; thin: they ask, call and print."""
