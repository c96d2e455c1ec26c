"""Whether a file would end what nothing ends, or reopen what has ended.

The regime of minors does not end (law-58); the term of a case that has ended stands as it was when
the certificate or the notice was issued (law-44, law-45).
"""

from typing import Final

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile

_TERM: Final = ("category", "term_from", "term_to")
_ARTICLE: Final = {"released": "law-44", "terminated": "law-45"}
_ENDED: Final = """
  SELECT s.id, s.category, s.term_from, s.term_to, f.stage FROM subject s
  JOIN case_file f ON f.subject_id = s.id
  WHERE s.id = ANY (%s) AND f.stage IN ('released', 'terminated')"""


async def ended_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every category or term that the file changes of a case that has ended."""
    given = {entry.subject: index for index, entry in enumerate(file.subjects)}
    rows = await fetch_all(connection, _ENDED, (list(given),))
    return [
        (f"/subjects/{given[row['id']]}/{name}", _stays(row[name], row["stage"]))
        for row in rows
        for name in _TERM
        if getattr(file.subjects[given[row["id"]]], name) != row[name]
    ]


def _stays(value: object, stage: str) -> str:
    return (
        f"stays {value}: the case is {stage} ({_ARTICLE[stage]}); a new sentence is received as a "
        "case of its own"
    )


async def regime_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every subject under the regime whom the file takes out of it."""
    ended = {
        entry.subject: index for index, entry in enumerate(file.subjects) if not entry.is_minor
    }
    rows = await fetch_all(
        connection, "SELECT id FROM subject WHERE id = ANY (%s) AND is_minor", (list(ended),)
    )
    return [
        (
            f"/subjects/{ended[row['id']]}/is_minor",
            "stays true: the regime of minors does not end (law-58)",
        )
        for row in rows
    ]
