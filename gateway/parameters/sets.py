"""A set of values for all parameters: the defaults with overrides."""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.errors import ParameterError
from gateway.parameters.catalogue import ORDERED, PARAMETERS
from gateway.parameters.parameter import Number, Parameter

_DEFAULTS: Final = {name: parameter.default for name, parameter in PARAMETERS.items()}


class Parameters(Mapping[str, Number]):
    """Values by name; immutable, equal when all values are."""

    __slots__ = ("_hash", "_values")

    def __init__(self, values: Mapping[str, Number] = _DEFAULTS) -> None:
        """Take a value for every parameter; `parameters_from` is the way to make one."""
        self._values = dict(values)
        self._hash = hash(tuple(sorted(self._values.items())))

    def __getitem__(self, name: str) -> Number:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return self._hash

    def whole(self, name: str) -> int:
        """Return the value of a parameter that is an integer."""
        return int(self._values[name])


def parameters_from(overrides: Mapping[str, object]) -> Parameters:
    """Return the defaults with `overrides` applied.

    Raises:
        ParameterError: A name is unknown, a value is of the wrong type or out of bounds.
    """
    values = dict(_DEFAULTS)
    for name, given in overrides.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            raise ParameterError(f"rules.parameters: `{name}` is not a parameter")
        values[name] = _checked(parameter, given)
    for low, high in ORDERED:
        if values[high] <= values[low]:
            raise ParameterError(
                f"rules.parameters: {high} must be above {low} ({values[high]} <= {values[low]})"
            )
    return Parameters(values)


def _checked(parameter: Parameter, given: object) -> Number:
    is_float = isinstance(parameter.default, float)
    kinds = (int, float) if is_float else (int,)
    if isinstance(given, bool) or not isinstance(given, kinds):
        raise ParameterError(
            f"rules.parameters: `{parameter.name}` is {given!r}; "
            f"it is {'a number' if is_float else 'an integer'}"
        )
    if not parameter.least <= given <= parameter.most:
        raise ParameterError(
            f"rules.parameters: `{parameter.name}` is {given}; "
            f"allowed are {parameter.least} to {parameter.most}"
        )
    return float(given) if is_float else given
