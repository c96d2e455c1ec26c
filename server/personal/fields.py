"""The personal fields that are sealed in the database, each with its one reading function.

| field | read by |
| --- | --- |
| `case_file` | `server.cases.store.file`; papers: `documents.store.file_values`; exports |
| `file_contact` | `server.cases.group_store.contacts`, imports |
| `group_member` | `server.cases.group_store.group` |
| `request_key` | `server.once`: an answer that is given again |
| `protected_person` | the registry, to see what changed |
"""

from typing import Final

from server.secrecy.vault import SealedTable

CASE_FILE: Final = SealedTable(
    name="case_file",
    key="subject_id",
    fields=("identity_number", "phone", "residence", "crime", "judgment_number"),
    indexed=("identity_number",),
)
FILE_CONTACT: Final = SealedTable(
    name="file_contact", key="id", fields=("name", "phone", "address")
)
GROUP_MEMBER: Final = SealedTable(name="group_member", key="id", fields=("phone",))
PROTECTED_PERSON: Final = SealedTable(name="protected_person", key="id", fields=("name",))

REQUEST_KEY: Final = SealedTable(name="request_key", key="key", fields=("answer",))

TABLES: Final = (CASE_FILE, FILE_CONTACT, GROUP_MEMBER, PROTECTED_PERSON)
"""Those that a round seals and a rotation takes along."""

HOLDERS: Final = (*TABLES, REQUEST_KEY)
"""Answers go by themselves after days, and hold the data key of their office until then."""
