"""A gateway's journal of telemetry, and its stream into a server's database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from benchmarks.uplink_site import GATEWAY, UplinkSite, now_ms, reports
from gateway.journal.entry import BATCH
from gateway.journal.store import Journal
from gateway.uplink.batch import Stream
from gateway.uplink.stream import UplinkStream

_REQUEST_ROWS: Final = 50_000
_LOOK_S: Final = 0.005
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000


class UplinkFeed:
    """Writes telemetry into a journal and brings it to a server.

    Attributes:
        journal: Where it is written.
        written: Rows so far.
    """

    def __init__(self, site: UplinkSite, path: Path) -> None:
        """Open a journal for a site's devices."""
        self._site = site
        self._path = path
        self.journal = Journal(path, writable=True)
        self._begin_ms = now_ms() - 30 * _HOUR_MS
        self.written = 0

    def write(self, rows: int, entry_rows: int) -> None:
        """Write so many rows, in entries of so many."""
        for begin in range(self.written, self.written + rows, entry_rows):
            end = min(begin + entry_rows, self.written + rows)
            body = reports(
                self._site, range(begin, end), begin_ms=self._begin_ms, every_ms=_MINUTE_MS
            )
            self.journal.append(BATCH, now_ms() * 1_000, body, rows=end - begin)
        self.written += rows

    @contextmanager
    def draining(self, name: Stream) -> Iterator[UplinkStream]:
        """Yield a stream that runs."""
        stopping = threading.Event()
        headers = {"Authorization": f"Bearer {self._site.token}"}
        with httpx.Client(base_url=self._site.url, headers=headers, trust_env=False) as client:
            stream = UplinkStream(
                name,
                gateway=GATEWAY,
                open_journal=lambda: Journal(self._path, writable=False),
                began_seq=self.journal.last_seq,
                replaced=self._path.with_name("replaced"),
                client=client,
                rows_max=_REQUEST_ROWS,
                stopping=stopping,
            )
            thread = threading.Thread(target=stream.run)
            thread.start()
            yield stream
            stopping.set()
            stream.wake()
            thread.join()


def confirmed(stream: UplinkStream, seq: int) -> int:
    """Return how far the server has confirmed, once that is `seq` at least.

    Raises:
        RuntimeError: The stream has trouble.
    """
    while (confirmed_seq := stream.confirmed_seq or 0) < seq:
        if stream.trouble is not None:
            raise RuntimeError(stream.trouble)
        time.sleep(_LOOK_S)
    return confirmed_seq
