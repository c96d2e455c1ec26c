"""Groups that are too small to be told of, also by subtraction. Pure.

Whoever sees a whole and all of its parts but one knows that one. So where a part is hidden, others
are with it until nobody can tell fewer than `LEAST` people apart (complementary suppression).
"""

from collections.abc import Iterable, Mapping
from typing import Final

LEAST: Final = 5
"""People in the smallest group that is told of; the product's proposal, no rule gives a figure."""


def hidden(counts: Mapping[str, int]) -> frozenset[str]:
    """Return which parts of a whole that is shown are hidden.

    Those that are hidden are none, or two at least with `LEAST` people together; all, where the
    whole itself is too small.

    Args:
        counts: People of each part; the parts make the whole.
    """
    parts = sorted(
        (name for name in counts if counts[name] > 0), key=lambda one: (counts[one], one)
    )
    small = [name for name in parts if counts[name] < LEAST]
    taken = len(small)
    while (
        small
        and taken < len(parts)
        and (taken == 1 or sum(counts[name] for name in parts[:taken]) < LEAST)
    ):
        taken += 1
    return frozenset(parts[:taken])


def hidden_units(people: Mapping[str, int], paths: Mapping[str, str], top: str) -> frozenset[str]:
    """Return the organisations whose figures are hidden, of a tree.

    A node's parts are those next below it and the people that it has itself, whose name is the
    node's with a slash. What is below a hidden one is hidden too.

    Args:
        people: By organisation, without those below it.
        paths: By organisation; paths end in a slash.
        top: The highest, whose whole its readers see.
    """
    below: dict[str, list[str]] = {org: [] for org in paths}
    by_path = {path: org for org, path in paths.items()}
    for org, path in paths.items():
        above = by_path.get(path[: path.rstrip("/").rfind("/") + 1])
        if above is not None and org != top:
            below[above].append(org)
    wholes: dict[str, int] = {}
    for org in sorted(paths, key=lambda one: -len(paths[one])):
        wholes[org] = people.get(org, 0) + sum(wholes[one] for one in below[org])
    found: set[str] = set()
    if 0 < wholes.get(top, 0) < LEAST:
        found.add(top)
    for org in _downwards(top, below):
        parts = {one: wholes[one] for one in below[org]}
        if org in found:
            found |= {*parts, own(org)}
        else:
            found |= hidden(parts | {own(org): people.get(org, 0)})
    return frozenset(found)


def own(org: str) -> str:
    """Return the name of the part that an organisation has itself, without those below it."""
    return f"{org}/"


def _downwards(top: str, below: Mapping[str, list[str]]) -> Iterable[str]:
    waiting = [top] if top in below else []
    while waiting:
        org = waiting.pop()
        yield org
        waiting += below[org]
