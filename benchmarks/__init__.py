"""What `guitu bench NAME` runs: a module per benchmark, each with `run(seed)`."""
