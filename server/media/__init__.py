"""Recordings of officers: announced, delivered, proven, shown and, in time, destroyed."""
