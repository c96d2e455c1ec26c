"""The live feed: what the database announces, as server-sent events to each person's scope."""
