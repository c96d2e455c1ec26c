"""Backups of a data folder: a base, the database's log behind it, and the way back to a moment."""
