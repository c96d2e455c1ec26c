"""证据固定: gathers what is known when a fact is confirmed, and signs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from server.auth.person import Desk
from server.facts import store
from server.signing.canonical import canonical
from server.signing.commitments import Opening, Openings
from server.signing.records import Signature, sha256_of

FORMAT: Final = "guitu-fact/2"
MOST_FIXES: Final = 500
"""Positions of an episode's stretch that are kept, the first ones; `fixes_cut`: there were more."""
MOST_OUTCOMES: Final = 50
MOST_RECORDINGS: Final = 100
"""Of the alert and its tasks, by id and digest; the files stay where they are."""
_AROUND: Final = timedelta(minutes=10)
_PLACES: Final = frozenset(
    (
        *("longitude_deg", "latitude_deg", "lon_e7", "lat_e7", "accuracy_m", "accuracy_mm"),
        *("altitude_m", "speed_mps", "speed_mmps", "heading_deg", "satellites", "distance_m"),
        "violation_ppm",
    )
)
"""What tells of a place, in what also names its `fix_time`."""
_WITHOUT_PLACES: Final = frozenset(("sos", "strap", "case", "removed"))
"""Rules that stand without a place; all others rest on places alone."""
_VERSIONS: Final = ("rules_version", "directory_version", "kernel_version")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A record, ready to be kept.

    Attributes:
        content: Canonical JSON; commitments stand for all places.
        openings: What they stand for, by commitment.
        sha256: Of it; what the ledger's entry and a measure's copy name.
        signed: None: the site has no key for it.
    """

    content: str
    openings: Mapping[str, Opening]
    sha256: bytes
    signed: Signature | None


async def freeze_alert(
    desk: Desk,
    alert: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    fact: Mapping[str, Any],
) -> Frozen:
    """Return the record of a fact that an alert was confirmed as.

    Args:
        desk: Who confirms it.
        alert: As it stood, about a person.
        steps: What happened to it until then.
        fact: What is confirmed: id, indicator, time, quantity, by whom, note.
    """
    outcomes = await store.outcomes(desk.connection, alert["id"], MOST_OUTCOMES)
    begin = alert["begin_time"] - _AROUND
    end = min(alert["end_time"] or desk.now, desk.now) + _AROUND
    fixes = await store.fixes(desk.connection, alert["subject"]["id"], begin, end, MOST_FIXES + 1)
    openings = Openings()
    own = _Own(openings, _plain(alert["begin_time"]), alert["rule"])
    content = {
        "format": FORMAT,
        "frozen_at": desk.now,
        "fact": dict(fact),
        "alert": own.told(_alert(alert)),
        "engine": own.kept(alert["evidence"]),
        "versions": _versions(outcomes),
        "outcomes": [_with(one, "body", own.told(own.seen(one["body"]))) for one in outcomes],
        "steps": [dict(step) for step in steps],
        "stretch": {"begin": begin, "end": end},
        "fixes": [_sealed(_plain(fix), openings) for fix in fixes[:MOST_FIXES]],
        "fixes_cut": len(fixes) > MOST_FIXES,
        "media": await store.recordings(desk.connection, alert["id"], MOST_RECORDINGS),
    }
    text = canonical(_plain(content))
    signer = desk.parts.fact_signer
    return Frozen(
        text, openings.by_commitment, sha256_of(text), signer.sign(text) if signer else None
    )


@dataclass(frozen=True, slots=True)
class _Own:
    """Commits to what is said of one episode.

    Attributes:
        openings: Where the values go.
        begin: When the episode began.
        rule: Its rule.
    """

    openings: Openings
    begin: str
    rule: str

    def kept(self, evidence: Any) -> Any:
        """Commit to each report's place, and to the whole where it rests on places."""
        sealed = _sealed(_plain(evidence), self.openings)
        return sealed if self.rule in _WITHOUT_PLACES else self.openings.commit(sealed, self.begin)

    def seen(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Commit to the evidence of an outcome's body."""
        return _with(body, "evidence", self.kept(body["evidence"])) if "evidence" in body else body

    def told(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Commit to an explanation, which tells of distances and places in words."""
        words = said.get("explanation")
        if words is None or self.rule in _WITHOUT_PLACES:
            return said
        return _with(said, "explanation", self.openings.commit(_plain(words), self.begin))


def _with(said: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    return {**said, name: value}


def _sealed(part: Any, openings: Openings) -> Any:
    """Return JSON in which a commitment stands for what tells a place at a time."""
    if isinstance(part, list):
        return [_sealed(one, openings) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {name: _sealed(one, openings) for name, one in part.items()}
    told = {name: inner[name] for name in inner if name in _PLACES}
    if not told or "fix_time" not in inner:
        return inner
    kept = {name: one for name, one in inner.items() if name not in _PLACES}
    return {**kept, "place": openings.commit(told, str(inner["fix_time"]))}


def _alert(alert: Mapping[str, Any]) -> dict[str, Any]:
    kept = (
        *("id", "version", "rule", "severity", "category", "title", "explanation", "condition"),
        *("device", "fence", "begin_time", "end_time", "late", "raised_at", "org"),
    )
    # A pseudonym: the record may be shown to whoever checks it.
    return {name: alert[name] for name in kept} | {"subject": alert["subject"]["id"]}


def _versions(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the versions that the newest outcome with evidence was decided by."""
    found: dict[str, Any] = {}
    for outcome in outcomes:
        if outcome["change"] in ("raised", "amended"):
            evidence = outcome["body"].get("evidence", {})
            found = {name: evidence[name] for name in _VERSIONS if name in evidence}
            if "fence_version" in outcome["body"]:
                found["fence_version"] = outcome["body"]["fence_version"]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value
