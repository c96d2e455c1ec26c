"""The directories that gateways have, so that the next one can be told as a change."""

from collections import OrderedDict

from server.directory.body import Body


class DirectoryMemory:
    """The newest bodies that were sent, within a bound of bytes; what is not here is sent whole."""

    def __init__(self, *, most_bytes: int) -> None:
        """Take the bound; nothing is held yet."""
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._bodies: OrderedDict[str, Body] = OrderedDict()

    def get(self, digest: str) -> Body | None:
        """Return a body by its digest."""
        found = self._bodies.get(digest)
        if found is not None:
            self._bodies.move_to_end(digest)
        return found

    def put(self, body: Body) -> None:
        """Hold a body; those that nobody asked for longest go first."""
        if body.digest in self._bodies:
            self._bodies.move_to_end(body.digest)
            return
        self._bodies[body.digest] = body
        self._held_bytes += len(body.content)
        while self._held_bytes > self._most_bytes:
            _, dropped = self._bodies.popitem(last=False)
            self._held_bytes -= len(dropped.content)
