"""Facts (事实): what was known when one was confirmed, frozen, hashed and signed."""
