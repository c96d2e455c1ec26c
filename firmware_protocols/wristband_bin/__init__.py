"""Wristband binary v1; see docs/protocols/wristband-bin-v1.md."""
