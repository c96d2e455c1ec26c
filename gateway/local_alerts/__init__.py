"""Alerts to the terminals on duty by our own broker, while the server cannot be told."""
