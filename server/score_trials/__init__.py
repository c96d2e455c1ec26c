"""Trials (试算) of a scoring policy over a past period: who would move, why, and how fair it is."""
