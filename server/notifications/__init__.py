"""Telling people: an outbox that is drained over channels, at least once and under one key."""
