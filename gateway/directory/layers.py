"""Which parameters hold for whom: layers over the defaults, each over the one before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from gateway.directory.moment import Once, interval
from gateway.directory.wire import Layer, PeriodRow, RulesRow, SupervisionClass
from gateway.errors import DirectoryError, ParameterError
from gateway.parameters import Parameters, parameters_from

MAX_COMBINATIONS: Final = 100_000
"""Each is checked when a directory is taken; so many take a second or two."""

_PREFIX: Final = "rules.parameters: "


@dataclass(frozen=True, slots=True)
class Period:
    """A sensitive period (敏感时期).

    Attributes:
        period: Its id.
        name: Its name, in the words of who entered it.
        parameters: What it overrides.
        classes: Supervision classes that it concerns; None: everybody.
        valid_from_ms: When it begins, milliseconds since 1970 UTC.
        valid_to_ms: When it is over.
    """

    period: str
    name: str
    parameters: Layer
    classes: frozenset[SupervisionClass] | None
    valid_from_ms: int
    valid_to_ms: int

    def concerns(self, supervision_class: str | None) -> bool:
        """Return whether it holds for people of a supervision class."""
        return self.classes is None or supervision_class in self.classes


@dataclass(frozen=True, slots=True)
class RuleLayers:
    """The overrides of rule parameters, in the order in which they are laid over each other.

    Attributes:
        base: For everybody.
        kinds: By kind of device.
        device_classes: By device class.
        classes: By supervision class.
        colours: By credit colour.
    """

    base: dict[str, Any]
    kinds: dict[str, Layer]
    device_classes: dict[str, Layer]
    classes: dict[str, Layer]
    colours: dict[str, Layer]

    def overrides(
        self,
        *,
        kind: str | None = None,
        device_class: str | None = None,
        supervision_class: str | None = None,
        colour: str | None = None,
        periods: Iterable[Period] = (),
    ) -> dict[str, Any]:
        """Return what `parameters_from` takes for one person with one device.

        Args:
            kind: Kind of the device.
            device_class: Its class.
            supervision_class: The person's class.
            colour: The person's credit colour.
            periods: Those that run, in order of begin; one for other classes counts for nothing.
        """
        layers: list[Mapping[str, Any]] = [self.base]
        for table, name in (
            (self.kinds, kind),
            (self.device_classes, device_class),
            (self.classes, supervision_class),
            (self.colours, colour),
        ):
            if name is not None and name in table:
                layers.append(table[name])
        layers += [p.parameters for p in periods if p.concerns(supervision_class)]
        return {name: value for layer in layers for name, value in layer.items()}


def compile_rules(
    rules: RulesRow, rows: Sequence[PeriodRow]
) -> tuple[Parameters, RuleLayers, list[Period]]:
    """Return the parameters below every layer, the layers, and the periods in order of begin.

    Raises:
        DirectoryError: A name is unknown or a value out of bounds, in a layer or where layers
            come together.
    """
    layers = RuleLayers(
        base=rules.parameters,
        kinds=dict(rules.kinds.items()),
        device_classes=rules.device_classes,
        classes={str(name): layer for name, layer in rules.classes.items()},
        colours={str(name): layer for name, layer in rules.colours.items()},
    )
    parameters = _checked("rules.parameters", rules.parameters)
    for section in ("kinds", "device_classes", "classes", "colours"):
        for name, layer in getattr(layers, section).items():
            _checked(f"rules.{section}.{name}", rules.parameters | layer)
    periods = _compile_periods(rows, rules.parameters)
    _check_combinations(layers, periods)
    return parameters, layers, periods


def _compile_periods(rows: Sequence[PeriodRow], base: dict[str, Any]) -> list[Period]:
    once = Once("periods")
    periods = []
    for index, row in enumerate(rows):
        place = once.place(index, row.period)
        _checked(f"{place}.parameters", base | row.parameters)
        classes = None if row.classes is None else frozenset(row.classes)
        begin_ms, end_ms = interval(place, row.valid_from, row.valid_to)
        periods.append(Period(row.period, row.name, row.parameters, classes, begin_ms, end_ms))
    return sorted(periods, key=lambda p: (p.valid_from_ms, p.period))


def _check_combinations(layers: RuleLayers, periods: list[Period]) -> None:
    """Refuse layers that are right alone and wrong together, which would be found out too late."""
    tables = (layers.kinds, layers.device_classes, layers.classes, layers.colours)
    choices = [[None, *table] for table in tables]
    choices[2] = [None, *{*layers.classes, *(c for p in periods for c in p.classes or ())}]
    running = sorted(set(_running_together(periods)), key=len)
    count = len(running)
    for choice in choices:
        count *= len(choice)
    if count > MAX_COMBINATIONS:
        text = f"{count} combinations of layers and periods, at most {MAX_COMBINATIONS}"
        raise DirectoryError("rules", f"{text}: merge device classes or periods")
    seen: set[frozenset[tuple[str, Any]]] = set()
    for kind, device_class, supervision_class, colour in product(*choices):
        for together in running:
            merged = layers.overrides(
                kind=kind,
                device_class=device_class,
                supervision_class=supervision_class,
                colour=colour,
                periods=[periods[row] for row in together],
            )
            key = frozenset(merged.items())
            if key not in seen:
                seen.add(key)
                names = [kind, device_class, supervision_class, colour]
                names += [periods[row].period for row in together]
                _checked(f"rules ({' + '.join(n for n in names if n)})", merged)


def _running_together(periods: list[Period]) -> Iterator[tuple[int, ...]]:
    yield ()
    for instant_ms in {ms for p in periods for ms in (p.valid_from_ms, p.valid_to_ms)}:
        yield tuple(
            row
            for row, period in enumerate(periods)
            if period.valid_from_ms <= instant_ms < period.valid_to_ms
        )


def _checked(place: str, overrides: dict[str, Any]) -> Parameters:
    try:
        return parameters_from(overrides)
    except ParameterError as error:
        raise DirectoryError(place, str(error).removeprefix(_PREFIX)) from error
