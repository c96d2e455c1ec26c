"""The edge program: messages in, journal, engine, uplink out."""
