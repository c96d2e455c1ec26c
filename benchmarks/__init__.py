"""What `guitu bench NAME` runs; a module per benchmark, each with a `run(seed)` that prints its rows."""
