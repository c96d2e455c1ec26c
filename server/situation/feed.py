"""Where the live feed begins and ends: what ties a snapshot to the stream that follows it."""

from dataclasses import dataclass

from server.db import Connection, fetch_one


@dataclass(frozen=True, slots=True)
class FeedEnds:
    """The oldest and the newest feed position that are kept; 0 and 0: nothing was announced."""

    oldest: int
    newest: int

    def reaches(self, last_id: int) -> bool:
        """Return whether everything after a position is still kept."""
        return self.oldest <= last_id + 1 and last_id <= self.newest


async def feed_ends(connection: Connection) -> FeedEnds:
    """Return the ends of the whole feed, whatever the scope: numbers only."""
    row = await fetch_one(connection, "SELECT oldest, newest FROM feed_ends()")
    return FeedEnds(**row) if row else FeedEnds(0, 0)
