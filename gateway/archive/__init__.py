"""From the journal to the server's archive: sealed segments of what it has confirmed."""
