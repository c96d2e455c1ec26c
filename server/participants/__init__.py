"""Volunteers and social organisations as scored groups with a small policy of their own."""
