"""GT06 of Concox, Jimi and their followers; see docs/protocols/gt06.md."""
