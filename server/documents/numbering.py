"""The number of a document (文号): organisation, word, year and a count without gaps."""

from typing import Final

# What an organisation's name ends with and its mark (代字) does not.
_ENDINGS: Final = (
    "社区矫正管理局",
    "社区矫正中心",
    "社区矫正局",
    "司法局",
    "司法所",
    "中队",
    "大队",
    "自治县",
    "省",
    "市",
    "县",
    "区",
)


def mark_of(name_zh: str) -> str:
    """Return an organisation's mark: its name without what every such name ends with.

    青溪县司法局 is 青溪, 城关司法所 is 城关.
    """
    mark = name_zh
    for ending in _ENDINGS:
        # One character is no mark: 吉县 stays what it is.
        if mark.endswith(ending) and len(mark) <= len(ending) + 1:
            return mark
        mark = mark.removesuffix(ending)
    return mark


def number_of(*, year: int, mark: str, word: str, seq: int) -> str:
    """Return a number as printed: （2026）青溪矫训字第3号."""
    return f"（{year}）{mark}{word}字第{seq}号"
