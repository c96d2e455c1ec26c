"""Bytes to messages and back, for every device that a county owns. Pure: no socket, clock or disk."""
