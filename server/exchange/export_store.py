"""SQL of exports: lists without the files of minors and without sealed ones, whatever is open."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from server.db import Connection, fetch_all
from server.exchange.columns import Column
from server.exchange.kinds import KINDS
from server.personal.fields import CASE_FILE
from server.personal.masking import masked_identity, masked_phone, masked_place
from server.secrecy.vault import Vault

Name = Literal["subjects", "orders", "deadlines"]

_NOT_EXPORTED: Final = ("officer", "public_credit")

_DEADLINES: Final = (
    Column("subject", "对象编号", "the person's id"),
    Column("name", "姓名", "the name"),
    Column("org", "执行地机构", "an organisation's id"),
    Column("kind", "期限", "the clock"),
    Column("who", "责任方", "who must act"),
    Column("article", "依据", "the article"),
    Column("begins_at", "起算时间", "when it began", "instant"),
    Column("due_at", "届满时间", "when it ends", "instant"),
    Column("state", "状态", "its state"),
)

COLUMNS: Final[Mapping[Name, tuple[Column, ...]]] = MappingProxyType(
    {
        "subjects": tuple(
            one for one in KINDS["subjects"].columns if one.name not in _NOT_EXPORTED
        ),
        "orders": KINDS["orders"].columns,
        "deadlines": _DEADLINES,
    }
)

_QUERIES: Final[Mapping[Name, str]] = MappingProxyType(
    {
        "subjects": """
          SELECT s.id AS subject, s.name, s.org_id AS org, s.category, f.sex, f.birth_date,
            f.offence_date, f.judged_on, f.effective_on, s.term_from, s.term_to, f.judgment_number,
            f.deciding_body, f.residence, f.crime, f.identity_number, f.phone, f.procuratorate,
            f.police, f.stage, s.is_sealed, f.org_id AS sealed_in, f.judgment_number_sealed,
            f.residence_sealed, f.crime_sealed, f.identity_number_sealed, f.phone_sealed
          FROM subject s JOIN case_file f ON f.subject_id = s.id
          WHERE NOT s.is_minor AND NOT s.is_sealed ORDER BY s.id LIMIT %(limit)s""",
        "orders": """
          SELECT o.id AS "order", o.subject_id AS subject, o.ground, o.approved_by, o.approved_at,
            o.valid_from, least(o.valid_to, o.lifted_at) AS valid_to
          FROM positioning_order o JOIN subject s ON s.id = o.subject_id
          WHERE NOT s.is_minor AND NOT s.is_sealed ORDER BY o.id LIMIT %(limit)s""",
        "deadlines": """
          SELECT d.subject_id AS subject, s.name, d.org_id AS org, d.kind, d.who, d.article,
            d.begins_at, d.due_at, d.state
          FROM deadline d JOIN subject s ON s.id = d.subject_id
          WHERE d.state = 'open' AND NOT s.is_minor AND NOT s.is_sealed
          ORDER BY d.due_at, d.id LIMIT %(limit)s""",
    }
)


async def rows(
    connection: Connection, vault: Vault, name: Name, *, identities: bool, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` rows; number, telephone and residence are masked unless asked for."""
    found = await fetch_all(connection, _QUERIES[name], {"limit": limit})
    if name != "subjects":
        return found
    opened = await vault.opened(connection, CASE_FILE, found, row="subject", org="sealed_in")
    return opened if identities else [row | _masked(row) for row in opened]


def _masked(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "identity_number": masked_identity(row["identity_number"]),
        "phone": masked_phone(row["phone"]),
        "residence": masked_place(row["residence"]),
    }
