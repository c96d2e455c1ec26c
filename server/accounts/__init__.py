"""Accounts of who works here: entered by one administrator, made effective by another."""
