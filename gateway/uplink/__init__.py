"""From the journal to the server: two streams, each in order, each with its own mark."""
