"""YAML with the line and column of everything in it."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml

from server.scoring.errors import PolicyError
from server.scoring.faults import PolicyFault

MOST_BYTES: Final = 262_144
"""A policy of 48 indicators in two languages has 20,000."""
_NULL: Final = "tag:yaml.org,2002:null"
_NUMBERS: Final = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A value and where it stands.

    Attributes:
        value: dict of Spots, list of Spots, text, Decimal or None.
        line: From 1.
        column: From 1.
    """

    value: Any
    line: int
    column: int


def located(text: str) -> Spot:
    """Return a document with places.

    Raises:
        PolicyError: It is too long, no YAML, has an alias, or a key twice.
    """
    if len(text.encode()) > MOST_BYTES:
        raise _refused(1, 1, "文件过大", f"longer than {MOST_BYTES} bytes")
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise _refused(*_place(event.start_mark), "不得使用别名", "an alias: write it out")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        said = f"no YAML: {error.problem or 'it cannot be read'}"
        raise _refused(*_place(error.problem_mark), "不是有效的YAML", said) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _refused(1, 1, "不是有效的YAML", "no YAML: it cannot be read") from error
    if node is None:
        raise _refused(1, 1, "文件为空", "empty")
    return _spot(node)


def _place(mark: Any) -> tuple[int, int]:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _spot(node: yaml.Node) -> Spot:
    place = _place(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return Spot(_members(node), *place)
    if isinstance(node, yaml.SequenceNode):
        return Spot([_spot(one) for one in node.value], *place)
    if node.tag == _NULL:
        return Spot(None, *place)
    if node.tag in _NUMBERS:
        try:
            return Spot(Decimal(node.value), *place)
        except InvalidOperation:
            return Spot(str(node.value), *place)
    return Spot(str(node.value), *place)


def _members(node: yaml.MappingNode) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in found:
            said = (f"{name}重复", f"{name} stands twice")
            raise _refused(*_place(key.start_mark), *said, kind="repeated")
        found[name] = _spot(value)
    return found


def _refused(line: int, column: int, zh: str, en: str, *, kind: Any = "syntax") -> PolicyError:
    return PolicyError([PolicyFault(line, column, kind, zh, en)])
