"""What a notification says: templates as data, checked when they are loaded."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import msgspec

from server.law.text import Text
from server.notifications.errors import NotificationError

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

STANDING: Final = frozenset({"rule", "office", "number", "person", "severity"})
"""Placeholders that every kind may use; the worker fills them, never who tells."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_BLANKS: Final = re.compile(r"[ \t]+")


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of notification.

    Attributes:
        values: What who tells must give, and nothing else.
        title: One line, in both languages.
        text: What there is to do, in both languages.
    """

    values: tuple[str, ...]
    title: Text
    text: Text


class Said(msgspec.Struct, frozen=True):
    """A template filled in, in one language."""

    title: str
    text: str


def filled(kind: str, language: Language, values: Mapping[str, str]) -> Said:
    """Return what a kind says.

    Args:
        kind: A key of `TEMPLATES`.
        language: In which language.
        values: Every placeholder's text.

    Raises:
        NotificationError: No such kind, or a placeholder has no value.
    """
    template = template_of(kind)
    return Said(
        title=_filled(kind, getattr(template.title, language), values),
        text=_filled(kind, getattr(template.text, language), values),
    )


def template_of(kind: str) -> Template:
    """Return the template of a kind.

    Raises:
        NotificationError: No such kind.
    """
    found = TEMPLATES.get(kind)
    if found is None:
        known = ", ".join(sorted(TEMPLATES))
        raise NotificationError(f"no notification is of kind {kind}: one of {known}")
    return found


def _filled(kind: str, text: str, values: Mapping[str, str]) -> str:
    missing = sorted(set(_PLACEHOLDER.findall(text)) - values.keys())
    if missing:
        raise NotificationError(f"{kind} has no value for {', '.join(missing)}")
    # One pass: a value with braces in it stays what it is.
    said = _PLACEHOLDER.sub(lambda match: values[match[1]], text)
    return _BLANKS.sub(" ", said).strip()


def parse(text: str) -> tuple[int, Mapping[str, Template]]:
    """Return the version and the templates of a file's text.

    Raises:
        NotificationError: A placeholder is neither declared nor standing, a declared value is not
            used, a language says something else than the other, or the file is not as it should be.
    """
    raw: dict[str, Any] = tomllib.loads(text)
    version = raw.pop("version", None)
    if type(version) is not int or version < 1:
        raise NotificationError("templates.toml: version: a whole number from 1 on is wanted")
    try:
        templates = msgspec.convert(raw, dict[str, Template])
    except msgspec.ValidationError as error:
        raise NotificationError(f"templates.toml: {error}") from error
    if faults := [fault for kind, one in templates.items() for fault in _faults(kind, one)]:
        raise NotificationError("templates.toml: " + "; ".join(faults))
    return version, MappingProxyType(templates)


def _faults(kind: str, template: Template) -> Iterator[str]:
    used: set[str] = set()
    for part in ("title", "text"):
        text: Text = getattr(template, part)
        zh, en = (set(_PLACEHOLDER.findall(said)) for said in (text.zh, text.en))
        if zh != en:
            yield f"{kind}.{part}: {', '.join(sorted(zh ^ en))} stands in one language only"
        used |= zh | en
    declared = set(template.values)
    for name in sorted(used - declared - STANDING):
        yield f"{kind}: {{{name}}} is not declared"
    for name in sorted(declared - used):
        yield f"{kind}: {name} is declared and not used"
    for name in sorted(declared & STANDING):
        yield f"{kind}: {name} is not for who tells to give"


VERSION, TEMPLATES = parse(
    files("server.notifications").joinpath("templates.toml").read_text(encoding="utf-8")
)
"""The version of the wording, and the template of each kind."""
