"""Chinese numerals, as articles are cited."""

from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_MOST: Final = 9_999


def chinese(number: int) -> str:
    """Return a whole number from 1 to 9999 in Chinese: 29 is 二十九, 105 is 一百零五.

    Raises:
        ValueError: The number is outside.
    """
    if not 1 <= number <= _MOST:
        raise ValueError(f"{number} is outside 1 to {_MOST}")
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += _DIGITS[digit] + name
        elif text and not text.endswith(_DIGITS[0]) and number % (unit * 10):
            # One zero stands for a gap, none for an empty end.
            text += _DIGITS[0]
    return text.removeprefix("一") if text.startswith("一十") else text
