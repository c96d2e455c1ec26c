"""Why a document is refused, in the words of the interface."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.documents.errors import Fault, GlyphError, ValuesError
from server.documents.template import Level, Template
from server.errors import Refusal, RefusedError

_LEVELS_ZH: Final[Mapping[Level, str]] = {
    "office": "司法所",
    "county": "县级社区矫正机构",
    "city": "市级社区矫正机构",
    "province": "省级社区矫正机构",
}


def of_values(error: ValuesError) -> RefusedError:
    """Return the refusal of values that a template does not take."""
    return RefusedError(*(_of_fault(fault) for fault in error.faults))


def of_glyph(error: GlyphError, values: Mapping[str, Any]) -> RefusedError:
    """Return the refusal of a character that cannot be printed, with where it stands."""
    held = (name for name, value in values.items() if set(error.characters) & set(str(value)))
    pointer = next((f"/values/{name}" for name in held), "")
    return RefusedError(
        Refusal(
            pointer,
            "document_glyph",
            None,
            f"字体中没有字符{error.named}，无法打印",
            f"the font has no glyph for {error.named}",
            "改用该字的规范字形，或者用括号写明其部件",
            "the standard form of the character, or its parts in brackets",
        )
    )


def of_issuer(template: Template, level: str) -> RefusedError:
    """Return the refusal of an organisation that does not issue this document."""
    return RefusedError(
        Refusal(
            "",
            "document_issuer",
            template.articles[0],
            f"本级机构不得制作{template.title.zh}",
            f"an organisation at {level} level does not issue this document",
            "、".join(_LEVELS_ZH[one] for one in template.issuers),
            " or ".join(template.issuers),
        )
    )


def of_time(pointer: str, begin: datetime, end: datetime) -> RefusedError:
    """Return the refusal of a claimed time outside of what can be."""
    return RefusedError(
        Refusal(
            pointer,
            "document_time",
            None,
            "时间不在文书制作之后、现在之前",
            "the time is not between the document's issue and now",
            f"{begin.isoformat()}至{end.isoformat()}",
            f"{begin.isoformat()} to {end.isoformat()}",
        )
    )


def of_again(pointer: str, rule: str, zh: str, en: str) -> RefusedError:
    """Return the refusal to note a second time what happens once."""
    return RefusedError(
        Refusal(
            pointer,
            rule,
            None,
            zh,
            en,
            "已有记录不得更改，情况有变的另行记录",
            "the record stands; what came later is an act of its own",
        )
    )


def _of_fault(fault: Fault) -> Refusal:
    return Refusal(
        f"/values/{fault.field}",
        "document_value",
        None,
        f"{fault.field}：{fault.what.zh}",
        f"{fault.field}: {fault.what.en}",
        fault.allowed.zh,
        fault.allowed.en,
    )
