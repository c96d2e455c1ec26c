"""The promise at entry (信用承诺): texts by version, and how an explanation tells of one. Pure."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from server.law.text import Text
from server.scoring.score import BEIJING

CURRENT: Final = "guitu-2026-11"
TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        CURRENT: Text(
            "本人已经了解信用矫正分如何记分、如何提出异议，自愿承诺：如实报告，遵守社区矫正规定，"
            "参加教育学习和公益活动。不签署本承诺，不影响本人依法享有的权利，也不减分。",
            "I have been told how points of the correction score are counted and how to object. Of"
            " my own will I promise to report truthfully, to keep the rules of community"
            " corrections, and to take part in education and public service. Not signing this takes"
            " away no right of mine and no point.",
        )
    }
)
"""What may be signed, our proposal: no province's text. A text that was signed is never changed;
another one gets a version of its own."""


def digest(version: str) -> bytes:
    """Return the SHA-256 of a text: Chinese, a line break, English, in UTF-8."""
    text = TEXTS[version]
    return hashlib.sha256(f"{text.zh}\n{text.en}".encode()).digest()


def fact_id(subject_id: str, version: str) -> str:
    """Return the id of the fact that a promise is: one of a person and a text."""
    return hashlib.sha256(f"promise {subject_id} {version}".encode()).hexdigest()[:32]


def promise_told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a promise as `Promise` has it."""
    day, version = row["signed_at"].astimezone(BEIJING).date(), row["text_version"]
    zh = f"{day} 签署信用承诺（文本{version}），由{row['recorded_by']}登记。"
    en = f"Commitment signed on {day} (text {version}), recorded by {row['recorded_by']}."
    return dict(row) | {"zh": zh, "en": en}
