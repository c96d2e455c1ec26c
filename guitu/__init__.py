"""The command line, the embedded parts and `guitu up`."""
