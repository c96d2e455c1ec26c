"""TCP ports: which are free."""

import random
import socket

from guitu.errors import PortTakenError

_FIRST_PORT = 10_000
_LAST_PORT = 32_000

_given: set[int] = set()


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nothing listens on right now; see `free_port_row`."""
    return free_port_row(1, host)


def free_port_row(count: int, host: str = "127.0.0.1") -> int:
    """Return the first of `count` free ports in a row; this process is given none of them twice.

    They lie below the system's ephemeral range, where the connections of others come and go: a
    port from there may be another's before its listener has started.
    """
    while True:
        first = random.randrange(_FIRST_PORT, _LAST_PORT)  # noqa: S311  # no secret
        row = range(first, first + count)
        if _given.isdisjoint(row) and all(_is_free(host, port) for port in row):
            _given.update(row)
            return first


def require_free(host: str, port: int, *, purpose: str, advice: str) -> None:
    """Return if the port can be bound.

    Raises:
        PortTakenError: It cannot; the text names port, purpose and what to do.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections linger in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} on {host} for {purpose} cannot be used ({error.strerror}); {advice}"
            ) from error


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
