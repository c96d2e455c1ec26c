"""A site's first start."""

from server.site.first_start import Login, first_start

__all__ = ["Login", "first_start"]
