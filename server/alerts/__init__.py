"""Alerts: what people do with what the engine found."""
