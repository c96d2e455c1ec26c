"""How often alerts were right, by the officers' own verdicts: per rule, device model and office."""
