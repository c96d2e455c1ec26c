"""Templates as data: one TOML file for each document, checked when it is loaded."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import msgspec

from server.documents.errors import TemplateError
from server.documents.fields import Field
from server.law.articles import article
from server.law.codes import TABLES
from server.law.errors import LawError
from server.law.text import Text

Recipient = Literal["court", "procuratorate", "police", "deciding_body", "destination"]
"""Who gets a copy or is asked: codes of the table `copy_to`, and standing fields with the body's
name. Without a name the code's own wording stands."""
RECIPIENTS: Final[tuple[Recipient, ...]] = get_args(Recipient)
Level = Literal["office", "county", "city", "province"]

BASIS: Final = "basis"
"""The placeholder of the articles that a document rests on."""
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_KIND: Final = re.compile(r"[a-z]+(_[a-z]+)*")


class Paragraph(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """A paragraph; `when` names an optional field without which it is left out."""

    text: str
    when: str = ""


class Heading(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """A heading within the document."""

    text: str


class Items(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """Numbered items: fixed ones, or those of a field of kind `lines`."""

    items: tuple[str, ...] = ()
    field: str = ""


class Rows(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """A table of labels and contents; a row whose optional fields are all absent is left out."""

    rows: tuple[tuple[str, str], ...]


class Opinions(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """Boxes of those who say something in turn: label, and fields of text, name and date."""

    rows: tuple[tuple[str, str, str, str], ...]


class PersonTable(msgspec.Struct, frozen=True, tag="person", tag_field="block"):
    """Who it is about, as far as the standing fields are given."""


class Signature(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=str.lower, tag_field="block"
):
    """A place where somebody signs by hand, with the date."""

    label: str


Block = Paragraph | Heading | Items | Rows | Opinions | PersonTable | Signature


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of document.

    Attributes:
        version: Grows with every change of wording or fields.
        word: The word of its number (文号).
        title: What it is called.
        issuers: Levels of organisation that issue it.
        own: The supervised person may read it in the own account.
        to: Whom it addresses.
        articles: Keys of `server.law.articles` that it rests on.
        copies: Who gets a copy.
        wants: Optional standing fields that this document cannot do without.
        body: What it says, in Chinese: the act.
        english: The same in short, beside it.
        fields: What it takes besides the standing fields.
        example: Values of its own fields, and of standing ones that differ from EXAMPLE.
    """

    version: int
    word: str
    title: Text
    issuers: tuple[Level, ...]
    own: bool
    to: str
    articles: tuple[str, ...]
    body: tuple[Block, ...]
    english: tuple[str, ...]
    example: dict[str, Any]
    copies: tuple[Recipient, ...] = ()
    wants: tuple[str, ...] = ()
    fields: dict[str, Field] = {}
    kind: str = ""

    @property
    def takes(self) -> Mapping[str, Field]:
        """Every field by name: the standing ones and its own."""
        wanted = {
            name: msgspec.structs.replace(STANDING[name], optional=False) for name in self.wants
        }
        return {**STANDING, **wanted, **self.fields}


def placeholders(text: str) -> list[str]:
    """Return the names in braces of a text, in order."""
    return _PLACEHOLDER.findall(text)


_FOLDER: Final = files("server.documents")

STANDING: Final[Mapping[str, Field]] = MappingProxyType(
    msgspec.toml.decode(_FOLDER.joinpath("standing.toml").read_bytes(), type=dict[str, Field])
)
"""Fields that every document may use."""

EXAMPLE: Final[Mapping[str, Any]] = MappingProxyType(
    msgspec.toml.decode(_FOLDER.joinpath("example.toml").read_bytes(), type=dict[str, Any])
)
"""Values of the standing fields, of a person who does not exist."""


@cache
def templates() -> Mapping[str, Template]:
    """Return every template by its kind, the name of its file.

    Raises:
        TemplateError: A file does not hold to its form.
    """
    folder = _FOLDER.joinpath("templates")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = (parse(name[:-5], folder.joinpath(name).read_bytes()) for name in names)
    return MappingProxyType({template.kind: template for template in found})


def parse(kind: str, raw: bytes) -> Template:
    """Return a template from its file's content.

    Raises:
        TemplateError: It does not hold to its form; says where.
    """
    try:
        template = msgspec.toml.decode(raw, type=Template)
    except msgspec.MsgspecError as error:
        raise TemplateError(f"{kind}.toml: {error}") from error
    template = msgspec.structs.replace(template, kind=kind)
    for fault in _faults(template):
        raise TemplateError(f"{kind}.toml: {fault}")
    return template


def _faults(template: Template) -> Iterator[str]:
    if not _KIND.fullmatch(template.kind):
        yield "the file's name must be lower-case English words with underscores"
    if template.version < 1 or not template.word:
        yield "version must be 1 or more and word not empty"
    for key in template.articles:
        try:
            article(key)
        except LawError as error:
            yield f"articles: {error}"
    if not STANDING.keys() >= set(template.wants):
        yield f"wants: {template.wants} are not all standing fields"
        return
    for name, field in template.fields.items():
        if name in STANDING or name == BASIS:
            yield f"fields.{name}: is a standing field; take another name"
        is_choice = field.kind == "choice"
        if is_choice != bool(field.options or field.table) or (field.options and field.table):
            yield f"fields.{name}: a choice has options or a table, and nothing else has"
        if field.table and field.table not in TABLES:
            yield f"fields.{name}: {field.table} is no code table"
    yield from _text_faults(template)


def _text_faults(template: Template) -> Iterator[str]:
    takes, used = template.takes, set()
    for place, text, guard in _texts(template):
        for name in placeholders(text):
            used.add(name)
            if name != BASIS and name not in takes:
                yield f"{place}: {{{name}}} is not declared in fields"
            elif (
                name not in {BASIS, guard, *RECIPIENTS}
                and guard is not None
                and takes[name].optional
            ):
                yield f"{place}: {{{name}}} is optional: name it in `when`, or use rows"
    for unused in template.fields.keys() - used:
        yield f"fields.{unused}: nothing uses it"


def _texts(template: Template) -> Iterator[tuple[str, str, str | None]]:
    """Yield place, text, and the optional field that it may name; None: any."""
    yield "to", template.to, ""
    for number, text in enumerate(template.english):
        yield f"english[{number}]", text, None
    for number, block in enumerate(template.body):
        place = f"body[{number}]"
        match block:
            case Paragraph(text, when):
                yield place, text, when
                yield place, f"{{{when}}}" if when else "", None
            case Heading(text) | Signature(text):
                yield place, text, ""
            case Items(items, field):
                yield from ((place, text, "") for text in items)
                yield place, f"{{{field}}}" if field else "", None
            case Rows(rows):
                yield from ((place, text, None) for _, text in rows)
            case Opinions(rows):
                names = (name for row in rows for name in row[1:])
                yield from ((place, f"{{{name}}}", None) for name in names)
