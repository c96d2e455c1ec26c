"""Credentials of devices: issued, changed over, ended."""
