"""OsmAnd's and the Traccar client's HTTP form; see docs/protocols/osmand.md."""
