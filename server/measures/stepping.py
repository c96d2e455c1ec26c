"""One step on a measure that is held: its version, its rule, its change."""

from collections.abc import Mapping
from typing import Any

from server.auth.person import Desk
from server.errors import NotFoundError, Refusal, RefusedError
from server.law.text import Text
from server.measures import store
from server.measures.grounds import ground_of
from server.measures.kinds import KINDS, MeasureKind
from server.measures.lifecycle import Measure, State, Step, next_state
from server.versions import check_version


async def held(desk: Desk, measure_id: str, *, lock: bool = False) -> dict[str, Any]:
    """Return a measure as its store has it.

    Raises:
        NotFoundError: No such measure in the scope.
    """
    row = await store.measure(desk.connection, measure_id, lock=lock)
    if row is None:
        raise NotFoundError("no such measure in your scope")
    return row


async def locked(desk: Desk, measure_id: str, if_match: str | None) -> dict[str, Any]:
    """Return a measure that nobody else changes until the transaction ends.

    Raises:
        NotFoundError: No such measure in the scope.
        StaleVersionError: It is not the version that was seen.
        VersionWantedError: Without If-Match.
    """
    row = await held(desk, measure_id, lock=True)
    seen = {name: row[name] for name in ("id", "state", "version")}
    check_version(if_match, row["version"], current=seen)
    return row


def state_after(desk: Desk, row: Mapping[str, Any], step: Step) -> State:
    """Return the state after a step of who asks.

    Raises:
        RefusedError: It may not be taken.
    """
    answer = next_state(measure_of(row), step, desk.person.login, desk.now)
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return answer


async def change(desk: Desk, row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a step changes; return the measure as it stands then."""
    await store.update(desk.connection, row["id"], values)
    return await held(desk, row["id"])


def measure_of(row: Mapping[str, Any]) -> Measure:
    """Return a measure as its rules read it."""
    return Measure(
        kind=row["kind"],
        state=row["state"],
        proposed_by=row["proposed_by"],
        verified_by=frozenset(row["verified_by"]),
        is_heard=row["heard_at"] is not None,
        decided_by=row["decided_by"],
        served_at=row["served_at"],
        objectable_until=row["objectable_until"],
        objected=row["is_objected"],
        is_ruled=row["ruling"] is not None,
        is_granted=row["ruling"] == "granted",
        is_arrest_asked=row["arrest_asked_at"] is not None,
    )


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a measure as the interface shows it."""
    kind: MeasureKind = row["kind"]
    ground = ground_of(row["ground"])
    text = ground.text if ground else Text(row["ground"], row["ground"])
    return {
        **row,
        "ground_text": {"zh": text.zh, "en": text.en},
        "article": ground.article if ground else KINDS[kind].article,
    }
