"""Kiosk v1; see docs/protocols/kiosk-v1.md."""
