"""What of a report may be kept: positions only under an order, alarms always (invariant 5).

A subject's need a positioning order. Those of a protected person (受保护人) serve no-contact orders
alone, and need one that names the person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firmware_protocols.message import Report
from gateway.directory.snapshot import Binding, Directory
from gateway.intake.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Standing:
    """Who held a device during [from_ms, to_ms), and whether his places may be kept."""

    binding: Binding
    keeps_places: bool
    from_ms: int
    to_ms: int


class Lawfulness:
    """Judges by the directory in force, at the time that the device claims."""

    def __init__(self, directory: Directory) -> None:
        """Judge under `directory`."""
        self._directory = directory
        self._kept_from: dict[str, list[tuple[int, int]]] | None = None
        # The newest answer for each device: what it says next is nearly always covered by it.
        self._standing: dict[str, Standing] = {}

    def kept_of(self, report: Report, binding: Binding, kind: str) -> Report:
        """Return what may be kept of a report.

        Args:
            report: The report.
            binding: Who held the device at its fix time.
            kind: Kind of the device.

        Raises:
            Refusal: Nothing of it may be kept.
        """
        if binding.holder_kind == "officer":
            return report
        if binding.holder_kind == "subject" and kind == "phone":
            detail = "a supervised person's phone is not a positioning device (Art. 29)"
            raise Refusal("phone_of_subject", detail, keep_bytes=False)
        if self._is_ordered(binding, report.fix_time_ms):
            return report
        if not report.alarms:
            raise Refusal("no_order", "no order in force that needs positions", keep_bytes=False)
        return alarms_only(report, report.alarms, report.fix_time_ms)

    def standing_over(self, device: str, kind: str, begin_ms: int, end_ms: int) -> Standing | None:
        """Return what holds for every report of [begin_ms, end_ms], as `kept_of` would judge each.

        None: not the same for all of them, or nobody held the device, or nothing is kept for
        another reason than a missing order.

        Args:
            device: Device id.
            kind: Kind of the device, as the directory has it.
            begin_ms: Earliest fix time.
            end_ms: Latest fix time.
        """
        found = self._standing.get(device)
        if found is None or not found.from_ms <= begin_ms < found.to_ms:
            found = self._standing_at(device, kind, begin_ms)
            if found is None:
                return None
            self._standing[device] = found
        return found if end_ms < found.to_ms else None

    def may_keep_bytes(self, device: str, at_ms: int, fix_times_ms: Iterable[int]) -> bool:
        """Return whether bytes of `device` that came at `at_ms` may be kept although refused.

        Args:
            device: Device id.
            at_ms: When they came.
            fix_times_ms: Of the reports that are known to be in them.
        """
        # Refused bytes may hold positions; those without an order must be kept nowhere, nor any
        # that travel with them. What lies in the future is judged as of now.
        times_ms = [at_ms, *(min(time_ms, at_ms) for time_ms in fix_times_ms)]
        return all(self._is_lawful_at(device, time_ms) for time_ms in times_ms)

    def _standing_at(self, device: str, kind: str, time_ms: int) -> Standing | None:
        binding = self._directory.binding_at(device, time_ms)
        if binding is None or (binding.holder_kind == "subject" and kind == "phone"):
            return None
        from_ms, to_ms = binding.valid_from_ms, binding.valid_to_ms
        if binding.holder_kind == "officer":
            return Standing(binding, True, from_ms, to_ms)  # noqa: FBT003  # its field
        for begin_ms, end_ms in self._orders_of(binding):
            if begin_ms <= time_ms < end_ms:
                covered = max(from_ms, begin_ms), min(to_ms, end_ms)
                return Standing(binding, True, *covered)  # noqa: FBT003  # its field
            if time_ms < begin_ms:
                to_ms = min(to_ms, begin_ms)
            else:
                from_ms = max(from_ms, end_ms)
        return Standing(binding, False, from_ms, to_ms)  # noqa: FBT003  # its field

    def _is_ordered(self, binding: Binding, time_ms: int) -> bool:
        if binding.holder_kind == "subject":
            return self._directory.is_ordered(binding.holder, time_ms)
        return any(begin_ms <= time_ms < end_ms for begin_ms, end_ms in self._orders_of(binding))

    def _orders_of(self, binding: Binding) -> Sequence[tuple[int, int]]:
        if binding.holder_kind == "subject":
            return self._directory.orders.get(binding.holder, ())
        if self._kept_from is None:
            self._kept_from = {}
            for pair in self._directory.no_contact:
                held = self._kept_from.setdefault(pair.other, [])
                held.append((pair.valid_from_ms, pair.valid_to_ms))
        return self._kept_from.get(binding.holder, ())

    def _is_lawful_at(self, device: str, time_ms: int) -> bool:
        binding = self._directory.binding_at(device, time_ms)
        if binding is None:
            return False
        return binding.holder_kind == "officer" or self._directory.is_ordered(
            binding.holder, time_ms
        )


def alarms_only(report: Report, alarms: tuple[str, ...], time_ms: int) -> Report:
    """Return a status at `time_ms` that says nothing but `alarms`."""
    return Report(
        device=report.device,
        kind="status",
        fix_time_ms=time_ms,
        boot=report.boot,
        seq=report.seq,
        alarms=alarms,
        backlog=report.backlog,
    )
