"""Writes the server's catalogue of parameters: `python tests/vectors/uplink/make_parameters.py`.

Source: `gateway/parameters`. The server refuses a rule set that its gateways would refuse, and
cannot import them; a test of the gateway holds the two together.
"""

import json
from pathlib import Path
from typing import Any, Final

from gateway.parameters.catalogue import ORDERED, PARAMETERS

FILE: Final = Path(__file__).parents[3] / "server" / "registry" / "rule_parameters.json"


def catalogue() -> dict[str, Any]:
    """Return names, bounds and pairs of which the first must be below the second."""
    parameters = {
        name: {
            "least": parameter.least,
            "most": parameter.most,
            "whole": isinstance(parameter.default, int),
        }
        for name, parameter in sorted(PARAMETERS.items())
    }
    return {"parameters": parameters, "ordered": [list(pair) for pair in ORDERED]}


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(catalogue(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
