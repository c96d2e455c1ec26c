"""Five rows of each kind that falls due, the first three of which nobody can settle."""

from collections.abc import Callable
from dataclasses import dataclass

from server.alerts.shelf import SHELF
from server.cases.term_watch import TERMS
from server.checks.watch import CHECKS
from server.deadlines.sweep import clocks
from server.dispatch.lapsing import LAPSES
from server.incidents.reminding import REMINDERS
from server.rounds import Due
from tests.server.alert_world import raise_alerts
from tests.server.events import outcome
from tests.server.travelling import Travel

BAD, GOOD = ("bad-1", "bad-2", "bad-3"), ("good-1", "good-2")
IDS = [*BAD, *GOOD]
SUBJECT = "s-4k2m9q"
LAPSED, WARNED = clocks({})


async def shelved(travel: Travel) -> None:
    await raised(travel)
    travel.site.rows(
        "UPDATE alert SET state = 'shelved', due_at = NULL, shelved_from = 'open',"
        " shelved_until = %s::timestamptz + right(id, 1)::int * interval '1 minute'"
        " + CASE WHEN id LIKE 'good%%' THEN interval '1 hour' ELSE interval '0' END",
        (travel.clock.now,),
    )


async def raised(travel: Travel) -> None:
    await raise_alerts(travel, *[outcome(episode=name) for name in IDS])


async def on_the_way(travel: Travel) -> None:
    await raised(travel)
    travel.site.rows(
        "INSERT INTO dispatch_task (id, org_id, alert_id, login, what, sent_by, sent_at, due_at,"
        " state_at, lapses_at) SELECT x, 'office-1', x, 'officer', '核查', 'supervisor', now,"
        " now + n * interval '1 hour', now, now + n * interval '1 hour'"
        " FROM unnest(%s::text[]) WITH ORDINALITY x (x, n), CAST(%s AS timestamptz) now",
        (IDS, travel.clock.now),
    )


async def planned(travel: Travel) -> None:
    travel.site.rows(
        "INSERT INTO information_check (id, org_id, subject_id, method, due_from, due_to, purpose,"
        " entered_by) SELECT x, 'office-1', %s, 'call', now, now + n * interval '1 hour',"
        " '按普管等级抽查', 'officer'"
        " FROM unnest(%s::text[]) WITH ORDINALITY x (x, n), CAST(%s AS timestamptz) now",
        (SUBJECT, IDS, travel.clock.now),
    )


async def ending(travel: Travel) -> None:
    site = travel.site
    for table, own in (("subject", "id"), ("case_file", "subject_id")):
        site.rows(
            f"INSERT INTO {table} SELECT made.* FROM {table} one, unnest(%s::text[]) x,"  # noqa: S608 - constants
            " jsonb_populate_record(one, jsonb_build_object(%s::text, x)) made"
            f" WHERE one.{own} = %s ON CONFLICT DO NOTHING",
            (IDS, own, SUBJECT),
        )
    site.rows(
        "UPDATE subject SET term_to = %s::date + 61 + x.n::int"
        " FROM unnest(%s::text[]) WITH ORDINALITY x (x, n) WHERE id = x.x",
        (travel.clock.now.date(), IDS),
    )


async def overdue(travel: Travel) -> None:
    travel.site.rows(
        "INSERT INTO incident (id, org_id, title, plan_key, plan_version, plan_title, commander,"
        " opened_by, opened_at) VALUES ('i-1', 'office-1', '腕带剪断', 'strap', 'product/1', '{}',"
        " 'supervisor', 'supervisor', %s)",
        (travel.clock.now,),
    )
    travel.site.rows(
        "INSERT INTO incident_task (id, org_id, incident_id, number, text, who, due_at, remind_at)"
        " SELECT x, 'office-1', 'i-1', n, '{}', 'commander', now + n * interval '1 hour',"
        " now + n * interval '1 hour'"
        " FROM unnest(%s::text[]) WITH ORDINALITY x (x, n), CAST(%s AS timestamptz) now",
        (IDS, travel.clock.now),
    )


async def running(travel: Travel) -> None:
    travel.site.rows(
        "INSERT INTO deadline (org_id, subject_id, kind, who, article, ref_kind, ref_id, begins_at,"
        " warn_at, due_at) SELECT 'office-1', %s, 'exit_ban_filing', 'office', 'law-1', 'case', x,"
        " now, now + n * interval '1 hour', now + (n + 5) * interval '1 hour'"
        " FROM unnest(%s::text[]) WITH ORDINALITY x (x, n), CAST(%s AS timestamptz) now",
        (SUBJECT, IDS, travel.clock.now),
    )


@dataclass(frozen=True)
class Case:
    """What falls due, and where its settling is written.

    Attributes:
        after_h: All five are due so many hours later.
        on: The write that is made to fail, as a trigger names it.
        key: What names the row there.
        settled: Where those are that are settled.
    """

    due: Due
    begin: Callable[[Travel], object]
    after_h: int
    on: str
    key: str
    settled: str


CASES = (
    Case(SHELF, shelved, 2, "UPDATE OF state ON alert", "id", "alert WHERE state = 'open'"),
    Case(
        *(LAPSES, on_the_way, 6, "UPDATE OF state ON dispatch_task", "id"),
        "dispatch_task WHERE state = 'lapsed'",
    ),
    Case(
        *(CHECKS, planned, 6, "UPDATE OF state ON information_check", "id"),
        "information_check WHERE state = 'missed'",
    ),
    Case(
        *(TERMS, ending, 7 * 24, "INSERT ON deadline", "ref_id"),
        "deadline WHERE kind = 'release_certificate'",
    ),
    Case(
        *(REMINDERS, overdue, 6, "UPDATE OF remind_at ON incident_task", "id"),
        "incident_task WHERE remind_at > due_at",
    ),
    Case(
        *(LAPSED, running, 11, "UPDATE OF state ON deadline", "ref_id"),
        "deadline WHERE state = 'lapsed'",
    ),
    Case(
        *(WARNED, running, 5, "UPDATE OF warned_at ON deadline", "ref_id"),
        "deadline WHERE warned_at IS NOT NULL",
    ),
)
