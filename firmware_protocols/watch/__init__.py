"""The watch text protocol (3G, SG, CS, ZJ; BEESURE/SeTracker); see docs/protocols/watch.md."""
