"""What access and evidence cost.

Claim: sealing costs under 5 % of the ingest that it follows; a million records are
verified within a minute.
"""

from typing import Any

from benchmarks.security_chain import chain_rows


def run(seed: int, scale: float) -> list[dict[str, Any]]:
    """Return a row for each claim.

    Args:
        seed: Of the registry.
        scale: Share of the million records.
    """
    return chain_rows(seed, scale)
