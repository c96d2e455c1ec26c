"""Which role gets past the door of which call of the case files."""
