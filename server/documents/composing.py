"""From a template and values to the page's content: checked, worded, ordered; no layout."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from server.documents.errors import Fault, ValuesError
from server.documents.fields import UnfitError, chinese_date, english_date
from server.documents.template import (
    BASIS,
    RECIPIENTS,
    STANDING,
    Block,
    Heading,
    Items,
    Opinions,
    Paragraph,
    PersonTable,
    Rows,
    Signature,
    Template,
    placeholders,
)
from server.law.articles import article
from server.law.codes import code
from server.law.text import Text

_ABOUT_SHORT: Final = ("name", "sex", "birth_date", "category")
_ABOUT_LONG: Final = ("identity_number", "residence", "offence", "judgment")
_TERM: Final = "矫正期限"
_TO: Final = "至"


def stored(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON holds them.

    Raises:
        ValuesError: Some are wrong, missing or unknown; names each field and what is allowed.
    """
    takes = template.takes
    names = ", ".join(sorted(takes))
    faults = [
        Fault(name, Text("未知的字段", "is unknown"), Text(names, names))
        for name in values.keys() - takes.keys()
    ]
    found: dict[str, Any] = {}
    for name, field in takes.items():
        value = values.get(name)
        if value is None and not field.optional:
            what = Text(f"缺少{field.zh}", f"is missing ({field.en})")
            faults.append(Fault(name, what, field.allowed))
        if value is None:
            continue
        try:
            found[name] = field.stored(name, value)
        except UnfitError as error:
            faults.append(error.fault)
    if faults:
        raise ValuesError(template.kind, sorted(faults, key=lambda fault: fault.field))
    return found


def compose(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the layout prints.

    Args:
        template: The document.
        values: As `stored` returns them.
    """
    wording = _Wording(template, values)
    issued_on = date.fromisoformat(values["issued_on"])
    cited = [article(key) for key in template.articles]
    return {
        "title": {"zh": template.title.zh, "en": template.title.en},
        "number": values["number"],
        "issuer": values["issuer"],
        "issuer_en": values["issuer_en"],
        "issued_on": {"year": issued_on.year, "month": issued_on.month, "day": issued_on.day},
        "closing": {"zh": chinese_date(issued_on), "en": english_date(issued_on)},
        "to": wording.zh(template.to),
        "blocks": [shown for block in template.body for shown in _blocks(block, wording)],
        "english": [
            text
            for paragraph in template.english
            if wording.has_all(paragraph)
            for text in _paragraphs(wording.en(paragraph))
        ],
        "copies": [wording.of(name).zh for name in template.copies],
        "articles": [
            {
                "zh": f"{one.cited.zh}：{one.title.zh}",
                "en": f"{one.cited.en}: {one.title.en}",
                "is_verified": one.status == "verified",
            }
            for one in cited
        ],
    }


class _Wording:
    """The values of one document as text."""

    def __init__(self, template: Template, values: Mapping[str, Any]) -> None:
        takes = template.takes
        self._words = {name: takes[name].worded(value) for name, value in values.items()}
        for name in RECIPIENTS:
            self._words.setdefault(name, code("copy_to", name).text)
        self._words[BASIS] = _basis(template.articles)
        self.values = values

    def of(self, name: str) -> Text:
        return self._words[name]

    def has(self, name: str) -> bool:
        return name in self._words

    def entry(self, name: str) -> list[str]:
        """Return what a standing field is called and how it reads; nothing where it is absent."""
        return [STANDING[name].zh, self.of(name).zh] if self.has(name) else []

    def has_all(self, text: str) -> bool:
        return all(self.has(name) for name in placeholders(text))

    def has_any(self, text: str) -> bool:
        names = placeholders(text)
        return not names or any(self.has(name) for name in names)

    def zh(self, text: str) -> str:
        return _filled(text, {name: words.zh for name, words in self._words.items()})

    def en(self, text: str) -> str:
        return _filled(text, {name: words.en for name, words in self._words.items()})


def _filled(text: str, words: Mapping[str, str]) -> str:
    # One pass over the template's own text: braces inside of a value are nobody's placeholder.
    parts: list[str] = []
    rest = text
    for name in placeholders(text):
        before, _, rest = rest.partition(f"{{{name}}}")
        parts += (before, words.get(name, ""))
    return "".join([*parts, rest])


def _basis(keys: Sequence[str]) -> Text:
    """Return the articles as a sentence cites them, each source named once."""
    zh: list[str] = []
    en: list[str] = []
    before = ""
    for one in map(article, keys):
        is_again = one.source == before
        source = one.cited.zh.partition("》")[0] + "》"
        zh.append(one.cited.zh.removeprefix(source) if is_again else one.cited.zh)
        en.append(one.cited.en)
        before = one.source
    return Text("、".join(zh), "; ".join(en))


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _blocks(block: Block, wording: _Wording) -> Iterator[dict[str, Any]]:
    match block:
        case Paragraph(text, when):
            if not when or wording.has(when):
                for line in _paragraphs(wording.zh(text)):
                    yield {"is": "paragraph", "text": line}
        case Heading(text):
            yield {"is": "heading", "text": text}
        case Items(items, field):
            lines = wording.values.get(field, ()) if field else map(wording.zh, items)
            yield {"is": "items", "items": list(lines)}
        case Rows(rows):
            told = [[label, wording.zh(text)] for label, text in rows if wording.has_any(text)]
            yield {"is": "rows", "rows": told}
        case Opinions(rows):
            yield {"is": "opinions", "rows": [_opinion(row, wording) for row in rows]}
        case PersonTable():
            yield {"is": "person", **_about(wording)}
        case Signature(label):
            yield {"is": "signature", "label": label}


def _opinion(row: tuple[str, str, str, str], wording: _Wording) -> list[str]:
    label, *names = row
    return [label, *(wording.of(name).zh if wording.has(name) else "" for name in names)]


def _about(wording: _Wording) -> dict[str, Any]:
    """Return the table of the person: short entries two to a row, then the long ones."""
    cells = [cell for name in _ABOUT_SHORT for cell in wording.entry(name)]
    rows = [entry for name in _ABOUT_LONG if (entry := wording.entry(name))]
    if wording.has("term_from") and wording.has("term_to"):
        rows.append([_TERM, _TO.join(wording.of(name).zh for name in ("term_from", "term_to"))])
    return {"pairs": [cells[at : at + 4] for at in range(0, len(cells), 4)], "rows": rows}
