"""Terminals that speak TCP: who may come in, what is answered when, and within which limits."""
