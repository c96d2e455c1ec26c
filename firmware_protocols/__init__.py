"""Bytes to messages and back, for a county's devices. Pure: no socket, clock or disk."""
