"""Which addresses never leave this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own; there, plain HTTP is spoken."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
