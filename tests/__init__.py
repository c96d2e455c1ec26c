"""Facts about Guitu."""
