"""A site's first start."""

from server.site.demo_cases import play_cases
from server.site.first_start import Login, first_start

__all__ = ["Login", "first_start", "play_cases"]
