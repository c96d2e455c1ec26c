"""A journal through the engine again, under the rules it had or under others."""
