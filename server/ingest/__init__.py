"""A gateway's two streams, each batch in one transaction with its mark."""
