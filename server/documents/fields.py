"""What a value of a document may be, and how it reads in Chinese and in English."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

import msgspec

from server.documents.errors import Fault
from server.law.codes import code, table
from server.law.days import ZONE
from server.law.numerals import chinese
from server.law.text import Text

Kind = Literal["text", "lines", "date", "instant", "number", "choice"]
"""`text`: one text, line breaks start a paragraph; `lines`: a list of texts; `date`: a day;
`instant`: an aware moment, printed in the time of China; `number`: a whole number from 0 on;
`choice`: one of the field's options, or of a code table."""

MOST_CHARACTERS: Final = 4_000
"""Of one text; four pages. More belongs into an attachment."""
MOST_LINES: Final = 60
MOST_NUMBER: Final = 9_999_999

# Control, format (a bidirectional override makes a name read otherwise than it is stored), lone
# surrogates, and private use, which every font draws as it likes.
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_DIGITS: Final = str.maketrans("0123456789", "〇一二三四五六七八九")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value that a document takes.

    Attributes:
        kind: What it may be.
        zh: What it is called.
        en: The same in English.
        optional: May be absent; else it is required.
        most: Most characters of a text, or lines of a list; 0: the general bound.
        ends: Of an instant that ends a term: midnight reads as 24:00 of the day before.
        table: Of a choice: the code table of `server.law.codes`.
        options: Of a choice without a table: code to wording.
    """

    kind: Kind
    zh: str
    en: str
    optional: bool = False
    most: int = 0
    ends: bool = False
    table: str = ""
    options: dict[str, Text] = {}

    def stored(self, name: str, value: Any) -> Any:
        """Return a value as JSON holds it.

        Args:
            name: What the template calls this field.
            value: A plain value, or a text as JSON holds a date or an instant.

        Raises:
            UnfitError: It is none of this field's.
        """
        try:
            return _STORED[self.kind](self, value)
        except _NotPrintableError as error:
            what = Text(
                f"含有不能打印的字符 U+{error.point:04X}",
                f"holds U+{error.point:04X}, which cannot be printed",
            )
            allowed = Text(
                "不含控制、格式或者私用区字符的文本",
                "a text without control, format or private-use characters",
            )
            raise UnfitError(Fault(name, what, allowed)) from error
        except (ValueError, TypeError) as error:
            what = Text(f"{self.zh}不符合要求", "is not what it must be")
            raise UnfitError(Fault(name, what, self.allowed)) from error

    @property
    def allowed(self) -> Text:
        """What a value may be."""
        return _ALLOWED[self.kind](self)

    @property
    def codes(self) -> tuple[str, ...]:
        """Of a choice: what may be chosen."""
        return (
            tuple(one.name for one in table(self.table).codes) if self.table else (*self.options,)
        )

    def worded(self, value: Any) -> Text:
        """Return how a stored value reads."""
        return _WORDED[self.kind](self, value)


class UnfitError(ValueError):
    """A value is none of its field's."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what.en)
        self.fault = fault


class _NotPrintableError(ValueError):
    def __init__(self, character: str) -> None:
        super().__init__()
        self.point = ord(character)


def chinese_date(day: date) -> str:
    """Return a date in Chinese numerals, as a document closes: 二〇二六年十一月二十二日."""
    year = f"{day.year:04d}".translate(_DIGITS)
    return f"{year}年{chinese(day.month)}月{chinese(day.day)}日"


def numeric_date(day: date) -> str:
    """Return a date as running text has it: 2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_date(day: date) -> str:
    """Return a date in English whatever the locale: 22 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    if len(value) > (field.most or MOST_CHARACTERS):
        raise ValueError
    for character in value:
        if unicodedata.category(character) in _UNPRINTABLE and character != "\n":
            raise _NotPrintableError(character)
    return value.strip()


def _lines(field: Field, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= (field.most or MOST_LINES):
        raise TypeError
    line = Field("text", field.zh, field.en)
    return [_text(line, each) for each in value]


def _date(_field: Field, value: Any) -> str:
    if isinstance(value, datetime):
        raise TypeError
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return day.isoformat()


def _instant(_field: Field, value: Any) -> str:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    return at.isoformat()


def _number(_field: Field, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_NUMBER:
        raise ValueError
    return int(value)


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in field.codes:
        raise ValueError
    return value


def _plain(_field: Field, value: Any) -> Text:
    return Text(str(value), str(value))


def _worded_lines(_field: Field, value: Any) -> Text:
    return Text("；".join(value), "; ".join(value))


def _worded_date(_field: Field, value: Any) -> Text:
    day = date.fromisoformat(value)
    return Text(numeric_date(day), english_date(day))


def _worded_instant(field: Field, value: Any) -> Text:
    at = datetime.fromisoformat(value).astimezone(ZONE)
    if field.ends and at.time() == time():
        day = at.date() - timedelta(days=1)
        return Text(f"{numeric_date(day)}24时", f"24:00 on {english_date(day)}")
    zh = f"{numeric_date(at.date())}{at.hour}时{at.minute:02d}分"
    return Text(zh, f"{at:%H:%M} on {english_date(at.date())}")


def _worded_choice(field: Field, value: Any) -> Text:
    return code(field.table, value).text if field.table else field.options[value]


def _allowed_text(field: Field) -> Text:
    most = field.most or MOST_CHARACTERS
    return Text(f"1至{most}个字符的文本", f"a text of 1 to {most} characters")


def _allowed_lines(field: Field) -> Text:
    most = field.most or MOST_LINES
    return Text(f"1至{most}项文本的列表", f"a list of 1 to {most} texts")


def _allowed_choice(field: Field) -> Text:
    return Text("、".join(field.codes), ", ".join(field.codes))


_STORED: Final[Mapping[Kind, Callable[[Field, Any], Any]]] = {
    "text": _text,
    "lines": _lines,
    "date": _date,
    "instant": _instant,
    "number": _number,
    "choice": _choice,
}
_WORDED: Final[Mapping[Kind, Callable[[Field, Any], Text]]] = {
    "text": _plain,
    "lines": _worded_lines,
    "date": _worded_date,
    "instant": _worded_instant,
    "number": _plain,
    "choice": _worded_choice,
}
_ALLOWED: Final[Mapping[Kind, Callable[[Field], Text]]] = {
    "text": _allowed_text,
    "lines": _allowed_lines,
    "date": lambda _: Text("日期，如2026-11-22", "a date such as 2026-11-22"),
    "instant": lambda _: Text(
        "带时区的时刻，如2026-11-22T09:30:00+08:00",
        "an instant with its offset, such as 2026-11-22T09:30:00+08:00",
    ),
    "number": lambda _: Text(f"0至{MOST_NUMBER}的整数", f"a whole number from 0 to {MOST_NUMBER}"),
    "choice": _allowed_choice,
}
