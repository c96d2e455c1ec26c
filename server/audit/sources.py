"""What the chain covers: which tables, and which of their columns. Pure.

A form is never edited: a new column needs a new form, and leaves that were sealed under the old
one are checked by it for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Source:
    """A covered table.

    Attributes:
        key: Its primary key.
        key_type: In SQL.
        forms: Number to columns of the content; the highest is used for new leaves.
        left_out: Columns that no form covers.
    """

    key: str
    key_type: str
    forms: Mapping[int, tuple[str, ...]]
    left_out: tuple[str, ...] = ()

    @property
    def form(self) -> int:
        """Of new leaves."""
        return max(self.forms)


SOURCES: Final[Mapping[str, Source]] = {
    "access_log": Source(
        "id",
        "bigint",
        {
            1: ("id", "org_id", "by_login", "act", "subject_id", "purpose", "at"),
            2: (
                *("id", "org_id", "by_login", "act", "subject_id", "purpose", "at"),
                *("purpose_code", "ref_kind", "ref_id", "span_from", "span_to"),
            ),
        },
    ),
    "act": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "subject_id", "kind", "authority", "by_login", "by_org"),
                *("happened_time", "recorded_at", "articles", "ref_kind", "ref_id", "body"),
            )
        },
    ),
    "alert_report": Source(
        "id",
        "text",
        {1: ("id", "org_id", "month", "sha256", "document_id", "made_by", "made_at")},
        left_out=("content",),  # by its sha256, to which the database holds it
    ),
    "alert_step": Source(
        "id",
        "bigint",
        {1: ("id", "org_id", "alert_id", "step", "by_login", "note", "verdict", "at", "body")},
    ),
    "audit_destruction": Source(
        "id", "bigint", {1: ("id", "org_id", "basis", "by_login", "positions", "at")}
    ),
    "dispatch_step": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "task_id", "step", "by_login", "device_id", "gateway_id"),
                *("note", "moved", "step_time", "at"),
            )
        },
    ),
    "document": Source(
        "id",
        "text",
        {
            1: (
                *("id", "org_id", "subject_id", "kind", "template_version", "year", "seq"),
                *("number", "is_own", "ref_kind", "ref_id", "body", "sha256", "issued_at"),
                *("issued_by", "recorded_at", "act_id"),
            )
        },
        left_out=("content",),  # by its sha256, to which the database holds it
    ),
    "fact": Source(
        "id",
        "text",
        {
            1: (
                *("id", "org_id", "subject_id", "indicator", "occurred_at", "quantity"),
                *("evidence", "confirmed_by", "confirmed_at", "note"),
            )
        },
    ),
    "fact_record": Source(
        "fact_id",
        "text",
        {
            1: (
                *("fact_id", "org_id", "subject_id", "content", "sha256", "key_id"),
                *("signature", "signed_at"),
            )
        },
        left_out=("openings",),  # by the commitments in the content, so that they can be destroyed
    ),
    "fact_void": Source(
        "fact_id",
        "text",
        {1: ("fact_id", "org_id", "subject_id", "because", "by_login", "at")},
    ),
    "look_alarm": Source(
        "id",
        "bigint",
        {1: ("id", "org_id", "by_login", "kind", "day", "persons", "bound", "at")},
    ),
    "measure_ruling": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "subject_id", "measure_id", "about", "by_body", "outcome"),
                *("number", "note", "happened_time", "noted_by", "noted_at"),
            )
        },
    ),
    "media_link": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "media_id", "kind", "ref_id", "subject_id", "by_login", "note"),
                "at",
            )
        },
    ),
    "media_manifest": Source(
        "id",
        "text",
        {1: ("id", "org_id", "content", "sha256", "key_id", "signature", "signed_at")},
    ),
    "outcome": Source(
        "id",
        "text",
        {
            1: (
                *("id", "org_id", "gateway_id", "entry_seq", "episode_id", "change", "rule"),
                *("subject_id", "device_id", "fence_id", "body", "ingested_at"),
            )
        },
    ),
    "procurator_look": Source(
        "id", "bigint", {1: ("id", "org_id", "by_login", "call", "thing", "at")}
    ),
    "retention_destruction": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "class", "basis", "kept_days", "row_count", "oldest_at"),
                *("newest_at", "at"),
            )
        },
    ),
    "score_entry": Source(
        "id",
        "bigint",
        {
            1: (
                *("id", "org_id", "subject_id", "part", "dimension", "indicator", "points"),
                *("effective_at", "fact_id", "policy_version", "author", "evidence"),
                *("recorded_at", "salt", "commitment", "prev_hash", "hash"),
                *("account", "contra", "points_milli", "reverses"),
            )
        },
    ),
}
"""Table to what is covered of it."""


def content_sql(name: str, form: int, *, alias: str) -> str:
    """Return the SQL of a row's content: `table/form`, a blank, and its columns as one JSON object.

    PostgreSQL's own text of jsonb is the one form: keys in a fixed order, no choice of blanks.
    """
    columns = SOURCES[name].forms[form]
    members = ", ".join(f"'{column}', {alias}.{column}" for column in columns)
    return f"'{name}/{form} ' || jsonb_build_object({members})::text"


def gone(name: str, form: int) -> str:
    """Return the content of a row that was gone before it was sealed; no row has it."""
    return f"{name}/{form} null"
