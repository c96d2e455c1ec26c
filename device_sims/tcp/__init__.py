"""The terminal's side of JT/T 808, GT06 and the watches' text protocol."""
