"""Devices and people that misbehave like real ones, with the truth written down beside them."""
