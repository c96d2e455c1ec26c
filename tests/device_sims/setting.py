"""The county and the moment that these tests share."""

SEED = 20_261_122
START_S = 1_795_309_320.0
"""2026-11-22 09:02:00 in the county, a Sunday."""
