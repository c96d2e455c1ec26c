"""PostgreSQL and nats-server from their wheels, started and stopped."""
