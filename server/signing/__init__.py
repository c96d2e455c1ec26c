"""Signatures (Ed25519): keys in files, and records that are checked without a server."""
