"""People near each other, minute by minute of fix time: no-contact orders and gatherings."""
