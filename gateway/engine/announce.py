"""From changes of episodes to outcomes with ids, evidence and words."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from firmware_protocols.alarm import ALARM_BITS
from gateway.directory.compiled import Directory
from gateway.engine.account import Account
from gateway.engine.episode import EpisodeChange, SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.evidence import Placed, evidence_of, report_evidence
from gateway.engine.explain import explain
from gateway.engine.finding import Finding
from gateway.engine.history.history import History
from gateway.engine.judging import Judging
from gateway.engine.observed import Observed
from gateway.engine.outcome import Change, Outcome, episode_id, outcome_id
from gateway.engine.placing.question import PLACED_RULES, Question
from gateway.engine.rule import Rule
from gateway.engine.rules.catalogue import ALARM_RULES, RULES
from gateway.engine.settings import Settings
from gateway.engine.stretch import Table
from gateway.engine.wearers import Wearers

_MS_PER_DAY: Final = 86_400_000


class _Told(msgspec.Struct, array_like=True):
    revision: int
    begin_ms: int


class Announcer:
    """Names the changes; remembers how often it spoke of each episode."""

    def __init__(
        self,
        book: EpisodeBook,
        wearers: Wearers,
        history: History,
        settings: Settings,
        judging: Judging,
    ) -> None:
        """Read from the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._history = history
        self._settings = settings
        self._judging = judging
        self._told: dict[str, _Told] = {}

    def outcomes(
        self, changes: Sequence[EpisodeChange], directory: Directory, seen: Observed | None = None
    ) -> list[Outcome]:
        """Return the outcomes of changes, in their order.

        Args:
            changes: What happened to episodes.
            directory: The directory in force.
            seen: Where the rows of the changes are; None: no report decided them.
        """
        return [self._outcome(change, directory, seen) for change in changes]

    def findings(self, found: Sequence[Finding], directory: Directory) -> list[Outcome]:
        """Return the outcomes of changes that no wearer's reports decided, in their order."""
        return [self._finding(one, directory) for one in found]

    def late_findings(
        self, rows: Table, wearer: Sequence[int], directory: Directory
    ) -> list[Outcome]:
        """Return what must alert from reports that are older than the retained history.

        Strap, case, removal and SOS always alert, once a day of fix time for each boot of a
        device; there is nothing left to judge the rest against.

        Args:
            rows: ROW_COLUMNS.
            wearer: Number of each row's wearer.
            directory: The directory in force.
        """
        found = []
        for name in ALARM_RULES:
            for row in np.flatnonzero(rows["alarms"] & ALARM_BITS[name]).tolist():
                one = self._wearers.rows[wearer[row]]
                time_ms = int(rows["fix_time_ms"][row])
                target = f"{one.device}/late/{rows['boot'][row]}"
                episode = episode_id(name, one.subject, target, time_ms // _MS_PER_DAY)
                if episode in self._told:
                    continue
                self._told[episode] = _Told(1, int(rows["received_ms"][row]))
                key = SlotKey(name, one.subject, one.device, "")
                evidence = _versions(directory) | {"reports": [report_evidence(rows, row, None)]}
                change = EpisodeChange(-1, "raised", time_ms, time_ms, None, time_ms, late=True)
                found.append(self._made(key, change, (episode, 0), evidence, directory))
        return found

    def prune(self, cutoff_ms: int) -> None:
        """Forget episodes that began before `cutoff_ms` and no longer stand."""
        standing = {
            _episode(self._book.keys[slot], e.anchor_ms) for slot, e in self._book.all_episodes()
        }
        self._told = {
            episode: told
            for episode, told in self._told.items()
            if told.begin_ms >= cutoff_ms or episode in standing
        }

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        return {"told": self._told}

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._told = msgspec.convert(stored["told"], dict[str, _Told])

    def _outcome(
        self, change: EpisodeChange, directory: Directory, seen: Observed | None
    ) -> Outcome:
        key, owner = self._book.keys[change.slot], self._book.owner(change.slot)
        episode, revision = self._told_of(key, change)
        rule = RULES[key.rule]
        parameters = self._parameters(rule, owner, change.begin_ms)
        evidence = _versions(directory) | {"parameters": parameters}
        if change.change == "cleared":
            evidence["ended_by"] = change.ended_by
        if change.change == "raised":
            evidence["confirmed_ms"] = change.confirmed_ms
            facts = seen.facts_of(rule.name, change.row) if seen is not None else {}
            if facts:
                evidence["facts"] = facts
            evidence["reports"] = reports = self._reports(key, owner, change)
            asked = Question(key.rule, key.subject, key.target)
            evidence |= self._judging.grounds_of(asked, change.begin_ms, parameters, reports)
        return self._made(key, change, (episode, revision), evidence, directory)

    def _finding(self, found: Finding, directory: Directory) -> Outcome:
        change = found.change
        key = self._book.keys[change.slot]
        episode, revision = self._told_of(key, change)
        parameters = {name: found.limits[name] for name in RULES[key.rule].parameters}
        evidence = _versions(directory) | {"parameters": parameters}
        if key.target:
            evidence["target"] = key.target
        if change.change == "cleared":
            evidence["ended_by"] = change.ended_by
        if change.change == "raised":
            evidence |= {"confirmed_ms": change.confirmed_ms, "facts": found.facts}
        evidence |= found.record
        return _named(key, change, (episode, revision), evidence, org=found.org)

    def _told_of(self, key: SlotKey, change: EpisodeChange) -> tuple[str, int]:
        """Return the episode of a change, and how often it was spoken of before."""
        episode = _episode(key, change.anchor_ms)
        told = self._told.setdefault(episode, _Told(0, change.begin_ms))
        revision = told.revision
        told.revision += 1
        return episode, revision

    def _made(
        self,
        key: SlotKey,
        change: EpisodeChange,
        told: tuple[str, int],
        evidence: dict[str, Any],
        directory: Directory,
    ) -> Outcome:
        fence = key.target or None
        version = None
        if fence is not None:
            version = directory.fence_version(key.subject, fence, change.begin_ms)
            evidence["target"] = fence
        if not key.subject:
            held = directory.binding_at(key.device, change.begin_ms)
            if held is not None and held.holder_kind == "officer":
                evidence["officer"] = held.holder
        device = directory.devices.get(key.device)
        number = self._wearers.number(key.subject, key.device)
        org = device.org if device else self._wearers.rows[number or 0].org
        made = _named(key, change, told, evidence, org=org)
        return msgspec.structs.replace(made, fence=fence, fence_version=version)

    def _reports(self, key: SlotKey, owner: int, change: EpisodeChange) -> list[dict[str, Any]]:
        rows = self._history.recent(owner, change.begin_ms)
        held = rows["fix_time_ms"] <= change.confirmed_ms
        rows = {name: column[held] for name, column in rows.items()}
        placed: Placed = {}
        if key.rule in PLACED_RULES and len(rows["fix_time_ms"]):
            placed = self._judging.placed(owner, rows, key)
        return evidence_of(rows, placed)

    def _parameters(self, rule: Rule, owner: int, begin_ms: int) -> dict[str, Any]:
        limits = self._settings.limits(np.array([owner]), np.array([begin_ms]))
        return {name: limits[name][0].item() for name in rule.parameters}


def _named(
    key: SlotKey,
    change: EpisodeChange,
    told: tuple[str, int],
    evidence: dict[str, Any],
    *,
    org: str,
) -> Outcome:
    """Return the outcome of a change; `told` is its episode and how often it was spoken of."""
    episode, revision = told
    account = Account(change.begin_ms, change.end_ms, evidence)
    return Outcome(
        id=outcome_id(episode, change.change, change.begin_ms, change.end_ms, revision),
        episode=episode,
        change=change.change,
        rule=key.rule,
        org=org,
        subject=key.subject,
        device=key.device,
        fence=None,
        fence_version=None,
        begin_ms=change.begin_ms,
        end_ms=change.end_ms,
        late=change.late,
        evidence=evidence,
        explanation=_words(RULES[key.rule], change, account),
    )


def _episode(key: SlotKey, anchor_ms: int) -> str:
    target = f"{key.target}/{key.device}" if key.target else key.device
    return episode_id(key.rule, key.subject, target, anchor_ms)


def _words(rule: Rule, change: EpisodeChange, account: Account) -> Any:
    what: Change = change.change
    backlog = any(report.get("backlog") for report in account.reports)
    ended_by = change.ended_by if what == "cleared" else None
    return explain(rule, what, account, late=change.late, backlog=backlog, ended_by=ended_by)


def _versions(directory: Directory) -> dict[str, Any]:
    return {"rules_version": directory.rules_version, "directory_version": directory.version}
