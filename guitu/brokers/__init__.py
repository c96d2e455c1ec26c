"""Broker accounts and the configuration files that carry them."""
