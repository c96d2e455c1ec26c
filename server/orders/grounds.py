"""The five grounds of a positioning order (社区矫正法 Art. 29), and what shows each. Pure."""

from collections.abc import Collection
from typing import Final

from server.errors import Refusal
from server.law.articles import article
from server.law.codes.tables import table

LAW: Final = article("law-29").key

GROUNDS: Final = {int(code.number): code for code in table("order_ground").codes}
"""By the item's number; there is no other."""

ON_RECORD: Final = frozenset({3, 4, 5})
"""Grounds that are an act of an authority: an alert cannot prove them."""

_RECORDS: Final = frozenset({"act", "document"})


def evidence_faults(ground: int, evidence: Collection[str]) -> list[Refusal]:
    """Return what is wrong with the kinds of references that are to show a ground."""
    if ground not in ON_RECORD or not _RECORDS.isdisjoint(evidence):
        return []
    said = GROUNDS[ground].text
    return [
        Refusal(
            "/evidence",
            "ground_on_record",
            LAW,
            f"“{said.zh}”须有相应的决定或者记录，仅有报警不足为据",
            f"'{said.en}' is an act of an authority: an alert does not prove it",
            "附上警告、处罚或者提请的记录、文书",
            "at least one reference to an act or a document",
        )
    ]
