"""What must hold of contacts that offices bring along. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from server.exchange.faults import RowFault, fault
from server.exchange.parsing import Values
from server.exchange.subject_rules import nobody_supervised
from server.law.articles import article

ARTICLE: Final = article("measures-25").key
MOST_CONTACTS: Final = 50
"""Of one person, as the call that sets them allows."""


@dataclass(frozen=True, slots=True)
class KnownContacts:
    """What the caller's scope holds already.

    Attributes:
        subjects: People who are supervised now.
        contacts: Kind and name of each person's contacts of now.
    """

    subjects: AbstractSet[str]
    contacts: Mapping[str, AbstractSet[tuple[str, str]]]


def contact_faults(rows: Sequence[tuple[int, Values]], known: KnownContacts) -> Iterator[RowFault]:
    """Yield what is wrong between cells; a cell that is faulty by itself counts as absent."""
    seen: dict[tuple[str, str, str], int] = {}
    counts = {subject: len(found) for subject, found in known.contacts.items()}
    for row, values in rows:
        subject, kind, name = values["subject"], values["kind"], values["name"]
        if subject is None:
            continue
        if subject not in known.subjects:
            yield nobody_supervised(row)
            continue
        counts[subject] = counts.get(subject, 0) + 1
        if counts[subject] == MOST_CONTACTS + 1:
            text = (f"该对象的关系人超过{MOST_CONTACTS}人", f"more than {MOST_CONTACTS} contacts")
            allowed = (f"每名对象不超过{MOST_CONTACTS}人", f"{MOST_CONTACTS} of a person at most")
            yield fault(row, "", "most_contacts", text=text, allowed=allowed)
        if kind is None or name is None:
            continue
        if (kind, name) in known.contacts.get(subject, ()):
            text = ("系统中已有该关系人", "the contact is here already")
            allowed = ("只导入新的关系人", "new contacts only")
            yield fault(row, "name", "exists", text=text, allowed=allowed)
        elif (subject, kind, name) in seen:
            other = seen[subject, kind, name]
            text = (f"与第{other}行重复", f"the same as in row {other}")
            allowed = ("每名关系人一行", "a row for each contact")
            yield fault(row, "name", "repeated", text=text, allowed=allowed)
        seen.setdefault((subject, kind, name), row)
