"""Down-links: from the server's list to the device, and what became of them back to the server."""
