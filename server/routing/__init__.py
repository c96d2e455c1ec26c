"""Routing: whom an alert reaches, and whom next when nobody acts in time."""
