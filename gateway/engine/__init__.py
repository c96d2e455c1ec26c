"""The engine: a pure function of the journal. No clock, randomness or I/O."""
