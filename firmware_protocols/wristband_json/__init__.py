"""Wristband JSON v1; see docs/protocols/wristband-json-v1.md."""
