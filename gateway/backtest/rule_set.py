"""Rule-set files: the `rules` member of a directory on its own (docs/wire/directory-v1.md)."""

from pathlib import Path
from typing import Final

import msgspec

from gateway.directory.layers import compile_rules
from gateway.directory.wire import RulesRow
from gateway.errors import DirectoryError, RuleSetError

MAX_BYTES: Final = 1 << 20


class _RuleSetRow(RulesRow, forbid_unknown_fields=True):
    """A rule set on its own: a layer whose name is misspelt must not pass for none."""


class RuleSet(msgspec.Struct, frozen=True):
    """A rule set that has been checked.

    Attributes:
        version: Its name of itself.
        body: It, as JSON.
    """

    version: str
    body: bytes


def read_rule_set(path: Path) -> RuleSet:
    """Return the rule set of a file.

    Raises:
        RuleSetError: It is not one; says where.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise RuleSetError(path, "file", error.strerror or "cannot be read") from error
    if len(body) > MAX_BYTES:
        raise RuleSetError(path, "file", f"{len(body)} bytes, at most {MAX_BYTES}")
    try:
        row = msgspec.json.decode(body, type=_RuleSetRow)
        compile_rules(row, ())
    except DirectoryError as error:
        raise RuleSetError(path, error.place, error.reason) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RuleSetError(path, "file", str(error)) from error
    return RuleSet(row.version, body)


def with_rules(directory: bytes, rules: RuleSet | None) -> bytes:
    """Return the body of a directory with its rules replaced; None: as it is.

    Raises:
        DirectoryError: It is not a JSON object.
    """
    if rules is None:
        return directory
    try:
        members = msgspec.json.decode(directory, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DirectoryError("body", str(error)) from error
    return msgspec.json.encode(members | {"rules": msgspec.Raw(rules.body)})
