"""Credits what the months gained once they are closed, and corrects what fell since."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.redemption import store
from server.redemption.account import entries, lines, worth
from server.rounds import Due, Round, Row
from server.scoring.closing import last_month
from server.scoring.schedule import Schedule, schedule_of
from server.scoring.score import BEIJING

_MONTHS: Final = 24
"""What came to be known of older months changes no credit; a proposal."""
_AUTHOR: Final = "system"

_Nets = dict[int, dict[tuple[str, str], int]]


async def _due(work: Round) -> Sequence[Row]:
    month, _ = last_month(work.now)
    return await store.uncredited(work.connection, month, resting=work.resting, most=work.most)


async def _credit(work: Round, row: Row) -> None:
    org_id, month = row["org_id"], row["month"]
    _, ends_at = last_month(work.now)
    # Before anything is read: two servers do not credit one month twice.
    if not await store.begin_round(work.connection, org_id, month, work.now):
        return
    schedule = await schedule_of(work.connection, org_id)
    first = month - _MONTHS + 1
    year, number = divmod(first, 12)
    since = datetime(year, number + 1, 1, tzinfo=BEIJING)
    people: dict[str, _Nets] = defaultdict(lambda: defaultdict(dict))
    for one in await store.nets(work.connection, org_id, since, ends_at):
        account = (one["dimension"], one["account"])
        people[one["subject_id"]][one["month"]][account] = one["points"]
    booked: dict[str, dict[int, int]] = defaultdict(dict)
    for one in await store.booked(work.connection, org_id, first):
        booked[one["subject_id"]][one["month"]] = one["points"]
    for subject_id in sorted(people.keys() | booked.keys()):
        wanted = _worth(people[subject_id], booked[subject_id], schedule)
        await _book(work, (org_id, subject_id), wanted, booked[subject_id], schedule)


def _worth(nets: _Nets, booked: Mapping[int, int], schedule: Schedule) -> dict[int, int]:
    months = nets.keys() | booked.keys()
    return {one: worth(nets.get(one, {}), schedule.at(one).redemption) for one in months}


async def _book(
    work: Round,
    of: tuple[str, str],
    wanted: Mapping[int, int],
    booked: Mapping[int, int],
    schedule: Schedule,
) -> None:
    org_id, subject_id = of
    if all(wanted[one] == booked.get(one, 0) for one in wanted):
        return
    last = await store.lock_account(work.connection, subject_id)
    balance = last["balance_milli"] if last else 0
    by: dict[str, Any] = {"org_id": org_id, "subject_id": subject_id, "author": _AUTHOR}
    for line in lines(wanted, booked, balance):
        by |= {"policy_version": schedule.at(line.month or 0).version, "redemption_id": None}
        rows = entries(by, last, [line], work.now)
        await store.append(work.connection, rows)
        last = rows[-1]


CREDITS: Final = Due(name="redemption credits", find=_due, settle=_credit, most=20)
"""Closes of the last month whose gains were not credited yet."""
