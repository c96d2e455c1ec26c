"""复核: what speaks against a confirmed fact, who is told of it, and who decides."""
