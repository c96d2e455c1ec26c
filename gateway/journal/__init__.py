"""The journal: what came in and what came out of it, durable before anything is acknowledged."""
