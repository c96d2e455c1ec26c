"""Entries as rows of their tables, each with the organisation that it belongs to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from server.registry.standing import Standing

_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RuleSection:
    """A section of a file.

    Attributes:
        name: Of the section.
        kind: Its table.
        owner: Member that says whose organisation a row has: `subject`, `device`, or `org` itself.
        renamed: Column of each member that is named otherwise.
    """

    name: str
    kind: Standing
    owner: str
    renamed: Mapping[str, str]

    def rows(self, entries: Sequence[BaseModel], org_of: Callable[[str], str]) -> list[_Values]:
        """Return the columns of entries.

        Args:
            entries: Of this section.
            org_of: Organisation of a subject or device.
        """
        return [self._row(entry.model_dump(), org_of) for entry in entries]

    def _row(self, values: _Values, org_of: Callable[[str], str]) -> _Values:
        owner = values[self.owner]
        org = owner if self.owner == "org" else org_of(owner)
        values.pop("org", None)
        row = {self.renamed.get(name, name): value for name, value in values.items()}
        if "parameters" in row:
            row["parameters"] = Jsonb(row["parameters"])
            row["classes"] = None if row["classes"] is None else sorted(set(row["classes"]))
        return row | {"org_id": org}


def _section(
    name: str, table: str, key: str, content: str, *, owner: str = "subject", renamed: str = ""
) -> RuleSection:
    names = dict(pair.split("=") for pair in renamed.split())
    kind = Standing(table, tuple(key.split()), ("org_id", *content.split()))
    return RuleSection(name, kind, owner, names)


SECTIONS: Final = (
    _section(
        *("subject_versions", "subject_version", "subject_id valid_from"),
        "supervision_class colour",
        renamed="subject=subject_id",
    ),
    _section(
        *("leaves", "leave", "id"),
        "subject_id kind fence_id approved_by approved_at valid_from",
        renamed="leave=id subject=subject_id fence=fence_id",
    ),
    _section(
        *("no_contact", "no_contact", "id"),
        "subject_id other_id distance_m valid_from",
        renamed="pair=id subject=subject_id other=other_id",
    ),
    _section(
        *("sites", "site", "id"),
        "kind name datum longitude_deg latitude_deg radius_m official valid_from",
        owner="org",
        renamed="site=id",
    ),
    _section(
        *("checkins", "checkin_duty", "id"),
        "subject_id schedule_id kiosk_id grace_s valid_from",
        renamed="checkin=id subject=subject_id schedule=schedule_id kiosk=kiosk_id",
    ),
    _section(
        *("periods", "sensitive_period", "id"),
        "name parameters classes valid_from",
        owner="org",
        renamed="period=id",
    ),
    _section(
        *("planned_silences", "planned_silence", "device_id valid_from"),
        "reason",
        owner="device",
        renamed="device=device_id",
    ),
    _section(
        *("permits", "permit", "id"),
        "subject_id name",
        renamed="permit=id subject=subject_id",
    ),
)
