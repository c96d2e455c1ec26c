"""The one text of a JSON value, for what is hashed and signed."""

import json
from typing import Any


def canonical(content: Any) -> str:
    """Return the one text of a JSON value: keys sorted, no blanks, UTF-8, no NaN."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
