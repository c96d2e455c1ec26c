"""证据链: a salted hash chain per organisation over what happened, signed and anchored outside."""
