"""People, devices, orders and fences, taken from one file whole or not at all."""
