"""The standing episodes of every slot, and the streaks that they come from.

A slot is one question asked over and over: one rule, one person with one device, one target. It is
made when the first violating report answers it; until then, and again when nothing is open and no
violating streak runs, its answers change nothing and it is at rest. Data in order advances a slot
from where it stands; data out of order judges a stretch of history again and compares: what is new
is raised, what moved is amended, what is gone is superseded.
"""

import heapq
from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from gateway.engine.episode import (
    NO_ROW,
    Episode,
    EpisodeChange,
    Observations,
    SlotKey,
    Stretched,
)
from gateway.engine.openings import Openings
from gateway.engine.outcome import Change, EndedBy
from gateway.engine.rules.catalogue import RULES
from gateway.engine.streaks import FREE, NOBODY, SlotStreaks
from geofence.arrays import BoolArray, IntArray

Ground = Callable[[int, int], tuple[int, EndedBy] | None]
"""Says until when an episode of a slot that began at a time may stand, and what ends it."""

_RELEASED: Final = SlotKey("", "", "", "")
_BEGIN: Final = attrgetter("begin_ms")


class EpisodeBook:
    """Slots, their streaks and their standing episodes."""

    def __init__(self) -> None:
        """Start without slots."""
        self.keys: list[SlotKey] = []
        self._ids: dict[SlotKey, int] = {}
        self._of_owner: dict[int, list[int]] = {}
        self.streaks = SlotStreaks()
        self._released: list[int] = []
        self._free: list[int] = []
        self._standing: dict[int, list[Episode]] = {}
        self.openings = Openings()

    def slot(self, key: SlotKey, owner: int) -> int:
        """Return the id of a slot; makes it if it is new.

        Args:
            key: Its identity.
            owner: Number of the wearer whose reports decide it; NOBODY: no reports do.
        """
        slot = self._ids.get(key)
        let_go = self._released if owner == NOBODY else self._free
        if slot is None and let_go:
            slot = self._ids[key] = heapq.heappop(let_go)
            self.keys[slot] = key
            if owner != NOBODY:
                insort(self._of_owner.setdefault(owner, []), slot)
                self.streaks.owner[slot] = owner
        elif slot is None:
            slot = self._ids[key] = len(self.keys)
            self.keys.append(key)
            self._of_owner.setdefault(owner, []).append(slot)
            self._grow()
            self.streaks.owner[slot] = owner
        return slot

    def release(self, slot: int) -> None:
        """Let go of a slot with what stands in it: it stands for ever.

        Who owns it keeps no number of it, and no stored state that can still be read has it.
        """
        self._stand(slot, [])
        del self._ids[self.keys[slot]]
        self.keys[slot] = _RELEASED
        owner = self.owner(slot)
        if owner == NOBODY:
            heapq.heappush(self._released, slot)
            return
        self._of_owner[owner].remove(slot)
        self.streaks.clear([slot])
        self.streaks.owner[slot] = FREE
        heapq.heappush(self._free, slot)

    def idle_of(self, owners: BoolArray) -> list[int]:
        """Return the slots of some wearers that are at rest and in which nothing stands.

        Args:
            owners: Which wearers, by number.
        """
        owner = self.streaks.owner[: len(self.keys)]
        owned = np.flatnonzero(owner >= 0)
        owned = owned[owners[owner[owned]]]
        idle: list[int] = owned[~self.streaks.stir(owned)].tolist()
        return [slot for slot in idle if slot not in self._standing]

    def find(self, key: SlotKey) -> int | None:
        """Return the id of a slot, None when nothing has ever violated it."""
        return self._ids.get(key)

    def owner(self, slot: int) -> int:
        """Return the wearer whose reports decide a slot."""
        return int(self.streaks.owner[slot])

    def streaks_of(self, owner: int) -> list[int]:
        """Return the slots that streaks of a wearer's reports decide, in order of their making."""
        slots = self._of_owner.get(owner, [])
        return [slot for slot in slots if not RULES[self.keys[slot].rule].clocked]

    def are_open(self, slots: IntArray) -> BoolArray:
        """Return which slots have an episode that has not ended, shape (n,)."""
        return self.openings.are(slots)

    def standing(self, slot: int) -> list[Episode]:
        """Return the standing episodes of a slot, oldest first."""
        return self._standing.get(slot, [])

    def open_slots(self) -> list[int]:
        """Return the slots with an episode that has not ended, ascending."""
        open_slots: list[int] = self.openings.slots().tolist()
        return open_slots

    def all_episodes(self) -> list[tuple[int, Episode]]:
        """Return every standing episode, by slot id."""
        return [(slot, e) for slot, episodes in sorted(self._standing.items()) for e in episodes]

    def advance(self, seen: Observations) -> list[EpisodeChange]:
        """Advance slots by observations that are all newer than what they have seen."""
        out = []
        for slot, begins, at_ms, row in self.streaks.fold(seen):
            decided_ms = int(seen.time_ms[row])
            if begins:
                out.append(self.begin(slot, at_ms, decided_ms, late=False, row=row))
            elif self._is_open(slot):
                out.append(self.end(slot, at_ms, decided_ms, late=False))
        return out

    def begin(
        self, slot: int, begin_ms: int, confirmed_ms: int, *, late: bool, row: int = NO_ROW
    ) -> EpisodeChange:
        """Open an episode on a slot."""
        episode = Episode(begin_ms, begin_ms, None, confirmed_ms, None)
        self._standing.setdefault(slot, []).append(episode)
        self.openings.note(slot, is_open=True)
        return EpisodeChange(
            slot, "raised", begin_ms, begin_ms, None, confirmed_ms, late=late, row=row
        )

    def end(
        self,
        slot: int,
        end_ms: int,
        closed_ms: int,
        *,
        late: bool,
        ended_by: EndedBy = "reports",
    ) -> EpisodeChange:
        """End the open episode of a slot."""
        episode = self._standing[slot][-1]
        episode.end_ms, episode.closed_ms = end_ms, closed_ms
        self.openings.note(slot, is_open=False)
        return EpisodeChange(
            slot,
            "cleared",
            episode.anchor_ms,
            episode.begin_ms,
            end_ms,
            closed_ms,
            late=late,
            ended_by=ended_by,
        )

    def stand_over(self, slot: int, begin_ms: int, end_ms: int) -> list[EpisodeChange]:
        """Raise an episode that is over when it is told, in its place among the others."""
        episode = Episode(begin_ms, begin_ms, end_ms, end_ms, end_ms)
        insort(self._standing.setdefault(slot, []), episode, key=_BEGIN)
        raised = EpisodeChange(slot, "raised", begin_ms, begin_ms, None, end_ms, late=False)
        return [raised, replace(raised, change="cleared", end_ms=end_ms)]

    def revise(
        self, owners: Mapping[int, int], seen: Observations, ground: Ground
    ) -> list[EpisodeChange]:
        """Judge stretches of history again and return what that changes.

        Every slot of the owners must stand where it stood before the stretch (`restore`).

        Args:
            owners: Wearers, and the newest fix time before the stretch of each.
            seen: The observations of the stretches.
            ground: What ends an episode although no report does.
        """
        lists: dict[int, list[Stretched]] = {}
        for owner, through_ms in owners.items():
            for slot in self.streaks_of(owner):
                lists[slot] = []
                if self.streaks.is_active(slot):
                    lists[slot].append(Stretched(self.streaks.opened_ms(slot), through_ms))
        for slot, begins, at_ms, row in self.streaks.fold(seen):
            episodes, decided_ms = lists[slot], int(seen.time_ms[row])
            if begins:
                episodes.append(Stretched(at_ms, decided_ms, row))
            elif episodes and episodes[-1].end_ms is None:
                episodes[-1].end_ms, episodes[-1].closed_ms = at_ms, decided_ms
        found: list[EpisodeChange] = []
        for slot in sorted(lists):
            through_ms = owners[self.owner(slot)]
            found += self.reconcile(slot, lists[slot], through_ms, ground)
        return found

    def reconcile(
        self, slot: int, episodes: Sequence[Stretched], through_ms: int, ground: Ground
    ) -> list[EpisodeChange]:
        """Replace what was decided after `through_ms` and return what that changes.

        Args:
            slot: The slot.
            episodes: What stands in its place, oldest first.
            through_ms: Episodes that had ended for certain by then are left as they are.
            ground: What ends an episode although no report does.
        """
        all_old = self._standing.get(slot, [])
        kept = [e for e in all_old if e.closed_ms is not None and e.closed_ms <= through_ms]
        old = [e for e in all_old if e.closed_ms is None or e.closed_ms > through_ms]
        new: list[Episode] = []
        found: list[EpisodeChange] = []
        for one in episodes:
            ended_by = self._cut(slot, one, ground)
            match = next((e for e in old if _overlap(e, one)), None)
            anchor_ms = one.begin_ms if match is None else match.anchor_ms
            confirmed_ms = one.confirmed_ms
            if match is not None and one.row == NO_ROW:
                confirmed_ms = match.confirmed_ms
            episode = Episode(anchor_ms, one.begin_ms, one.end_ms, confirmed_ms, one.closed_ms)
            new.append(episode)
            if match is None:
                found.append(
                    EpisodeChange(
                        slot,
                        "raised",
                        one.begin_ms,
                        one.begin_ms,
                        None,
                        one.confirmed_ms,
                        late=True,
                        row=one.row,
                    )
                )
                if one.end_ms is not None:
                    found.append(_change(slot, "cleared", episode, ended_by))
                continue
            old.remove(match)
            if (match.begin_ms, match.end_ms) != (one.begin_ms, one.end_ms):
                ended = match.end_ms is None and one.end_ms is not None
                is_clear = ended and match.begin_ms == one.begin_ms
                found.append(_change(slot, "cleared" if is_clear else "amended", episode, ended_by))
        found += [_change(slot, "superseded", gone) for gone in old]
        self._stand(slot, kept + new)
        return found

    def restore(self, owner: int, record: NDArray[Any] | None) -> None:
        """Put all slots of a wearer back to a stored state.

        Args:
            owner: The wearer.
            record: A row of SlotStreaks.records; None: before the first report.
        """
        self.streaks.clear(self.streaks_of(owner))
        if record is not None:
            self.streaks.restore(owner, record)

    def restore_from_standing(self, owner: int, through_ms: int) -> None:
        """Put all slots of a wearer to what their episodes say of a time without a state."""
        self.restore(owner, None)
        for slot in self.streaks_of(owner):
            for episode in self.standing(slot):
                is_open = episode.closed_ms is None or episode.closed_ms > through_ms
                if is_open and episode.confirmed_ms <= through_ms:
                    self.streaks.open(slot, episode.begin_ms)

    def lay_down(self, slot: int) -> None:
        """Forget the streak of a slot whose ground has ended."""
        self.streaks.clear([slot])

    def prune(self, before_ms: int) -> None:
        """Let go of episodes that ended before `before_ms`: they stand for ever."""
        for slot, episodes in list(self._standing.items()):
            kept = [e for e in episodes if e.end_ms is None or e.end_ms >= before_ms]
            if len(kept) < len(episodes):
                self._stand(slot, kept)

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {
            "keys": self.keys,
            "streaks": self.streaks.dump(len(self.keys)),
            "standing": list(self._standing.items()),
        }

    def load(self, stored: Mapping[str, Any]) -> set[str]:
        """Replace everything by what `dump` returned; return the rules that are no more.

        Their slots are let go, with what stands in them.
        """
        self.keys = msgspec.convert(stored["keys"], list[SlotKey])
        self._ids, self._of_owner, self._standing = {}, {}, {}
        self._released, self._free = [], []
        self.streaks.load(stored["streaks"], len(self.keys))
        self.openings.close_all()
        self._grow()
        for slot, key in enumerate(self.keys):
            owner = self.owner(slot)
            if key != _RELEASED:
                self._ids[key] = slot
                self._of_owner.setdefault(owner, []).append(slot)
            else:
                (self._released if owner == NOBODY else self._free).append(slot)
        for slot, episodes in stored["standing"]:
            self._stand(slot, msgspec.convert(episodes, list[Episode]))
        gone = [slot for key, slot in self._ids.items() if key.rule not in RULES]
        names = {self.keys[slot].rule for slot in gone}
        for slot in gone:
            self.release(slot)
        return names

    def _cut(self, slot: int, one: Stretched, ground: Ground) -> EndedBy:
        if one.end_ms is None:
            ended = ground(slot, one.begin_ms)
            if ended is not None:
                one.end_ms = one.closed_ms = max(ended[0], one.begin_ms)
                self.lay_down(slot)
                return ended[1]
        return "reports"

    def _stand(self, slot: int, episodes: list[Episode]) -> None:
        if episodes:
            self._standing[slot] = episodes
        else:
            self._standing.pop(slot, None)
        self.openings.note(slot, is_open=self._is_open(slot))

    def _is_open(self, slot: int) -> bool:
        episodes = self._standing.get(slot)
        return bool(episodes and episodes[-1].end_ms is None)

    def _grow(self) -> None:
        self.streaks.grow(len(self.keys))
        self.openings.grow(len(self.streaks.owner))


def _overlap(episode: Episode, one: Stretched) -> bool:
    return (one.end_ms is None or episode.begin_ms <= one.end_ms) and (
        episode.end_ms is None or one.begin_ms <= episode.end_ms
    )


def _change(
    slot: int, change: Change, episode: Episode, ended_by: EndedBy = "reports"
) -> EpisodeChange:
    return EpisodeChange(
        slot,
        change,
        episode.anchor_ms,
        episode.begin_ms,
        episode.end_ms,
        episode.begin_ms,
        late=True,
        ended_by=ended_by,
    )
