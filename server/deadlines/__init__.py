"""期限: the law's clocks that run, and who owes what."""
