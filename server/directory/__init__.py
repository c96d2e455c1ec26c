"""What a gateway must know, as a versioned snapshot of its scope."""
