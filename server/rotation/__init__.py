"""Rotation of keys: what is wrapped anew, what is sealed anew, and how far it is."""
