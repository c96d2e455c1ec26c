"""What of a report may be kept: positions only under an order, alarms always (invariant 5)."""

from collections.abc import Iterable

from firmware_protocols.message import Report
from gateway.directory.snapshot import Binding, Directory
from gateway.intake.refusal import Refusal


class Lawfulness:
    """Judges by the directory in force, at the time that the device claims."""

    def __init__(self, directory: Directory) -> None:
        """Judge under `directory`."""
        self._directory = directory

    def kept_of(self, report: Report, binding: Binding, kind: str) -> Report:
        """Return what may be kept of a report.

        Args:
            report: The report.
            binding: Who held the device at its fix time.
            kind: Kind of the device.

        Raises:
            Refusal: Nothing of it may be kept.
        """
        if binding.holder_kind != "subject":
            return report
        if kind == "phone":
            detail = "a supervised person's phone is not a positioning device (Art. 29)"
            raise Refusal("phone_of_subject", detail, keep_bytes=False)
        if self._directory.is_ordered(binding.holder, report.fix_time_ms):
            return report
        if not report.alarms:
            raise Refusal("no_order", "no positioning order in force", keep_bytes=False)
        return alarms_only(report, report.alarms, report.fix_time_ms)

    def may_keep_bytes(self, device: str, at_ms: int, reports: Iterable[Report]) -> bool:
        """Return whether bytes of `device` that came at `at_ms` may be kept although refused.

        Args:
            device: Device id.
            at_ms: When they came.
            reports: What is known to be in them.
        """
        # Refused bytes may hold positions; those without an order must be kept nowhere, nor any
        # that travel with them. What lies in the future is judged as of now.
        times_ms = [at_ms, *(min(report.fix_time_ms, at_ms) for report in reports)]
        return all(self._is_lawful_at(device, time_ms) for time_ms in times_ms)

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
