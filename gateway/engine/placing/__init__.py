"""Which fences, leaves and sites concern which report, and what they say of it."""
