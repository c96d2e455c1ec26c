"""From the broker's messages to columns: sessions, decoding, lawfulness, refusal."""
