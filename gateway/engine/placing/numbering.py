"""Things by number, in the order in which they were first met."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Numbers(Generic[Key]):
    """Gives every key a number that it keeps.

    Attributes:
        keys: By number.
    """

    def __init__(self) -> None:
        """Start without any."""
        self.keys: list[Key] = []
        self._number: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def of(self, key: Key) -> int:
        """Return a key's number; makes it if it is new."""
        number = self._number.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number

    def find(self, key: Key) -> int | None:
        """Return a key's number, None when it has none."""
        return self._number.get(key)
