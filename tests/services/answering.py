"""Who answers on a TCP port."""

import socket
import time

_POLL_S = 0.02


def _is_answered(host: str, port: int, *, timeout_s: float = 0.5) -> bool:
    """Return whether something accepts connections on the port."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def wait_answered(host: str, port: int, *, timeout_s: float) -> bool:
    """Return whether something accepts connections within the time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if _is_answered(host, port):
            return True
        time.sleep(_POLL_S)
    return False
