"""Histories of transfers through the interface: a file moves as both counties said in order."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from tests.server.case_work import send, today
from tests.server.clock_faults import clock_faults
from tests.server.conftest import TOKEN, http
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A history that fails is told as it was drawn: to shorten it takes longer than to read it."""
COUNTIES = {"a": ("county-a", "office-1"), "b": ("county-b", "office-b")}
SIDES = ("from", "to")
MOST_SWEEPS = 20
NOTE = {"note": "情况属实，同意"}
FROM = {"applied", "verified", "asked", "approved", "refused", "moved", "withdrawn"}
"""States that the county with the file brings about; the others are the new county's."""
AFTER = {
    "verified": {"applied"},
    "asked": {"verified"},
    "agreed": {"asked"},
    "declined": {"asked"},
    "approved": {"agreed"},
    "refused": {"applied", "verified", "agreed", "declined"},
    "moved": {"approved"},
    "reported": {"moved", "missing"},
    "missing": {"moved", "missing"},
    "withdrawn": {"applied", "verified", "asked", "agreed"},
}

logins = st.tuples(st.sampled_from(SIDES), st.sampled_from(("clerk", "su", "su2")))
steps = st.sampled_from(
    [
        *("apply", "opinion", "question", "answer", "answer", "decision", "decision", "move"),
        *("report", "missing", "search", "withdrawal", "bind", "wait", "wait"),
    ]
)
tried = st.tuples(steps, logins, st.integers(0, 20))
moving = st.tuples(st.just("all"), logins, st.integers(0, 20))
drawn = st.one_of(moving, tried, tried)

CLERK, SU, SU2 = ("from", "clerk"), ("from", "su"), ("from", "su2")
SENT = [
    *(("apply", CLERK, 0), ("opinion", CLERK, 0), ("question", SU, 0), ("answer", ("to", "su"), 0)),
    *(("decision", SU2, 0), ("move", CLERK, 0)),
]
NEVER_CAME = [*SENT, ("wait", CLERK, 20), ("all", CLERK, 0), ("wait", CLERK, 20)]
CAME_TO_THE_WRONG_PLACE = [
    *(*SENT, ("wait", CLERK, 20), *SENT, ("report", ("to", "clerk"), 1)),
    *(("wait", CLERK, 20), ("search", CLERK, 0)),
]


class History:
    """One new person, whom two counties may send to each other."""

    def __init__(self, travel, person) -> None:
        self.travel, self.site, self.person = travel, travel.site, person
        self.transfers: list[tuple[str, str]] = []

    async def take(self, step, by, number):
        if step == "wait":
            await self.wait(days=2 * number + 1)
        elif step == "bind":
            self.bind(number)
        elif step == "all":
            for way, who in (
                *(("apply", "clerk"), ("opinion", "clerk"), ("question", "su")),
                *(("answer", "su"), ("decision", "su2"), ("move", "clerk"), ("report", "clerk")),
            ):
                side = "to" if way in {"answer", "report"} else "from"
                await self.act(way, (side, who), 0)
        else:
            await self.act(step, by, number)

    async def act(self, step, by, number):
        # No two acts of people are of one instant.
        self.travel.clock.move(seconds=1)
        side, who = by
        here = self.county()
        # Mostly the newest; at times one that went before.
        transfer, sends = (
            self.transfers[-1 - (number % 6 == 1) % len(self.transfers)]
            if self.transfers and step != "apply"
            else ("", here)
        )
        county = sends if side == "from" else flipped(sends)
        login, to_org = f"{county}-{who}", COUNTIES[flipped(sends)][1]
        if step == "apply":
            path, body = f"/subjects/{self.person}/transfers", self.application(number, here)
            answer = await send(self.travel, login, "POST", path, body)
            if answer.status_code == 201:
                self.transfers.append((answer.json()["id"], here))
        elif transfer:
            body = {
                "answer": NOTE | {"agree": number % 5 < 4, "to_org": to_org},
                "decision": NOTE | {"approve": number % 5 < 4},
                "report": {},
            }.get(step, NOTE)
            version = self.site.one("SELECT version FROM transfer WHERE id = %s", (transfer,))
            path = f"/transfers/{transfer}/{step}"
            answer = await send(self.travel, login, "POST", path, body, version=version)
        else:
            return
        # Who does not see the person or the transfer is told that there is none (404).
        assert answer.status_code in {200, 201, 404, 409}, answer.text

    def county(self):
        here = self.site.one("SELECT org_id FROM subject WHERE id = %s", (self.person,))
        return "a" if here == "office-1" else "b"

    def application(self, number, here):
        nowhere, late = number % 7 == 5, number % 7 == 6
        return {
            "to_county": "nowhere" if nowhere else COUNTIES[flipped(here)][0],
            "reason": "随配偶迁居，已购房",
            "address": "安平县中山路2号",
            "move_on": (today(self.travel) + timedelta(days=9 if late else 40)).isoformat(),
        }

    def bind(self, number):
        """An order of a month from now, where none runs; the wristband of this person is on it."""
        now = self.travel.clock.now
        values = {"person": self.person, "now": now, "id": f"eo-{self.person}-{now:%m%d%H%M%S}"}
        values |= {"until": now + timedelta(days=15 + number), "device": f"wb-{self.person}"}
        ordered = (
            "SELECT id FROM positioning_order WHERE subject_id = %(person)s"
            " AND least(valid_to, lifted_at) > %(now)s"
        )
        if self.site.rows(ordered, values):
            return
        self.site.rows(
            "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by,"
            " approved_at, valid_from, valid_to) SELECT %(id)s, org_id, id, 3, 'head', %(now)s,"
            " %(now)s, %(until)s FROM subject WHERE id = %(person)s",
            values,
        )
        self.site.rows(
            "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from, valid_to)"
            " SELECT org_id, id, 'subject', %(person)s, %(now)s, %(until)s FROM device"
            " WHERE id = %(device)s",
            values,
        )

    async def wait(self, **parts):
        """Let time pass, and sweep as often as the server would until nothing is over its time."""
        self.travel.clock.move(**parts)
        over = "SELECT count(*) FROM deadline WHERE state = 'open' AND due_at <= %s"
        for _ in range(MOST_SWEEPS):
            await self.travel.sweep()
            if not self.site.one(over, (self.travel.clock.now,)):
                return
        pytest.fail("a clock is over its time and does not lapse")

    async def check(self):
        acts = self.travel.acts(subject_id=self.person)
        own = [act for act in acts if act["kind"].startswith("transfer.")]
        self.check_order(own)
        moves = [act for act in own if act["kind"] == "transfer.moved"]
        holder = "a" if len(moves) % 2 == 0 else "b"
        place = self.site.one("SELECT org_id FROM subject WHERE id = %s", (self.person,))
        assert place == COUNTIES[holder][1]
        for county in COUNTIES:
            seen = await self.travel.sign_in(f"{county}-clerk").get(
                f"/api/v1/subjects/{self.person}/file"
            )
            assert seen.status_code == (200 if county == holder else 404)
        clocks = self.site.rows("SELECT * FROM deadline WHERE subject_id = %s", (self.person,))
        assert clock_faults(clocks, acts, self.travel.clock.now) == []
        self.check_reports(own, [one for one in clocks if one["kind"] == "transfer_report"])
        await self.check_tracking([act["happened_time"] for act in moves])

    def check_order(self, acts):
        """Each state after one that leads to it, by the county and the person that may."""
        told = [act["happened_time"] for act in acts if act["by_login"] is not None]
        assert told == sorted(told)
        state, sends, who = {}, {}, {}
        holder, running = "a", None
        for act in acts:
            name, ref, login = act["kind"].removeprefix("transfer."), act["ref_id"], act["by_login"]
            if name == "applied":
                assert running is None
                running, sends[ref] = ref, holder
            else:
                assert state[ref] in AFTER[name]
            # A search for who is missing is noted as that state again, by the county that sent.
            is_from = name in FROM or state.get(ref) == name
            if login is None:
                assert name == "missing"
            else:
                assert login[0] == (sends[ref] if is_from else flipped(sends[ref]))
            if name in {"approved", "refused"}:
                assert login not in who[ref]
                assert not login.endswith("clerk")
            if name in {"applied", "verified"}:
                who.setdefault(ref, set()).add(login)
            state[ref] = name
            if name == "moved":
                assert sends[ref] == holder
                holder = flipped(holder)
            if name in {"refused", "withdrawn", "reported", "missing"} and running == ref:
                running = None
        rows = self.site.rows(
            "SELECT id, state FROM transfer WHERE subject_id = %s", (self.person,)
        )
        assert {row["id"]: row["state"] for row in rows} == state

    def check_reports(self, acts, clocks):
        """Of each move the clock of the report is met by that transfer's report, and no other."""
        reported = {act["ref_id"]: act for act in acts if act["kind"] == "transfer.reported"}
        moves = [act for act in acts if act["kind"] == "transfer.moved"]
        assert len(clocks) == len(moves)
        for move in moves:
            (clock,) = [one for one in clocks if one["begins_at"] == move["happened_time"]]
            is_met = clock["state"] == "met" or clock["met_late"]
            assert is_met is (move["ref_id"] in reported)

    async def check_tracking(self, moved):
        """Nobody is tracked across a move, and the gateways hold what the orders say."""
        rows = self.site.rows(
            "SELECT valid_from, least(valid_to, lifted_at) AS ends_at FROM positioning_order"
            " WHERE subject_id = %s",
            (self.person,),
        )
        assert not [row for row in rows for at in moved if row["valid_from"] < at < row["ends_at"]]
        async with http(self.travel.app) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            known = compile_directory((await client.get("/api/v1/gateway/directory")).content)
        for hours in range(0, 24 * 40, 7):
            instant = self.travel.clock.now + timedelta(hours=hours - 24 * 20)
            is_covered = any(row["valid_from"] <= instant < row["ends_at"] for row in rows)
            time_ms = int(instant.timestamp() * 1000)
            assert known.is_ordered(self.person, time_ms) <= is_covered
            if known.watched_since(self.person, f"wb-{self.person}", time_ms) is not None:
                assert is_covered


def flipped(county):
    return "b" if county == "a" else "a"


async def play(site, taken):
    person = f"s-moving-{next(NUMBERS)}"
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
        " VALUES (%s, 'office-1', '孙七', 'probation', '2026-01-01', '2046-01-01')",
        (person,),
    )
    site.rows(
        "INSERT INTO device (id, org_id, kind, expected_interval_s)"
        " VALUES (%s, 'office-1', 'wristband', 60)",
        (f"wb-{person}",),
    )
    async with travel_of(site) as travel:
        # Gateways count milliseconds; the acts are held to them to the second.
        travel.clock.now = travel.clock.now.replace(microsecond=0) + timedelta(seconds=1)
        history = History(travel, person)
        for step in taken:
            await history.take(*step)
        await history.wait(seconds=1)
        await history.check()


@pytest.mark.slow
@pytest.mark.article("law-27", "law-29", "measures-30", "measures-31")
def test_whatever_is_tried_a_file_moves_as_both_counties_said_and_nobody_is_tracked_on_the_way(
    site,
):
    site.add_org("county-b", "/")
    site.add_org("office-b", "/county-b/", "office")
    for county, (bureau, office) in COUNTIES.items():
        site.add_account(f"{county}-clerk", office, "officer")
        for login in ("su", "su2"):
            site.add_account(f"{county}-{login}", bureau, "supervisor")

    @settings(
        max_examples=10, suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES
    )
    @given(st.lists(drawn, min_size=8, max_size=20))
    @example(NEVER_CAME)
    @example(CAME_TO_THE_WRONG_PLACE)
    def history(taken):
        asyncio.run(play(site, taken))

    history()
