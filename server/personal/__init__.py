"""Which fields are personal, and their way under the key of their office."""
