"""What the gateway knows about devices, people, orders and fences: a versioned snapshot."""
