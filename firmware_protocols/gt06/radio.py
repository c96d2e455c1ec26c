"""What a device hears around it: cell towers and Wi-Fi access points.

A cell is {"mcc", "mnc", "lac", "cid"} and, where it is told, "rssi_dbm" (as the device gives it,
negative) or "signal" (a raw level); "wide_mnc" where the network code took two bytes. An access
point is {"mac", "rssi_dbm"} or {"mac", "signal"}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_protocols.gt06.blocks import Clock
from firmware_protocols.gt06.fields import Cursor, Values, keep_unknown, kept_bytes, to_raw
from firmware_protocols.gt06.strings import sized_hex

_WIDE_MNC: Final = 0x8000
"""This bit of the country code says that the network code has two bytes (Jimi 4G models)."""

_MAC_BYTES: Final = 6
_G4: Final = 3
"""Cell type from which on area and cell take 4 and 8 bytes."""


def _read_network(cursor: Cursor, *, is_wide: bool = False) -> dict[str, Any]:
    mcc = cursor.number(2)
    is_flagged = bool(mcc & _WIDE_MNC)
    network = {"mcc": mcc & ~_WIDE_MNC, "mnc": cursor.number(2 if is_wide or is_flagged else 1)}
    return network | ({"wide_mnc": True} if is_flagged else {})


def _write_network(cell: Mapping[str, Any], *, is_wide: bool = False) -> bytes:
    is_flagged = bool(cell.get("wide_mnc", False))
    mcc = to_raw("mcc", cell.get("mcc", 0) | (_WIDE_MNC if is_flagged else 0), 2)
    return mcc + to_raw("mnc", cell.get("mnc", 0), 2 if is_wide or is_flagged else 1)


def _first(values: Mapping[str, Any]) -> Mapping[str, Any]:
    cells = values.get("cells", ())
    return cells[0] if cells else {}


@dataclass(frozen=True)
class Cell:
    """The serving cell.

    Attributes:
        lac_bytes: Size of the location area code.
        cid_bytes: Size of the cell id.
        is_mnc_wide: The network code always has two bytes.
    """

    lac_bytes: int = 2
    cid_bytes: int = 3
    is_mnc_wide: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        cell = _read_network(cursor, is_wide=self.is_mnc_wide)
        cell["lac"], cell["cid"] = cursor.number(self.lac_bytes), cursor.number(self.cid_bytes)
        if any(value for name, value in cell.items() if name != "wide_mnc"):
            values["cells"] = [cell]

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        cell = _first(values)
        network = _write_network(cell, is_wide=self.is_mnc_wide)
        area = to_raw("lac", cell.get("lac", 0), self.lac_bytes)
        return network + area + to_raw("cid", cell.get("cid", 0), self.cid_bytes)


@dataclass(frozen=True)
class ModuleCell:
    """The serving cell in module 0x11: its signal follows."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        Cell(is_mnc_wide=True).read(cursor, values)
        values.setdefault("cells", [{}])[0]["signal"] = cursor.number(1)

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        signal = to_raw("signal", _first(values).get("signal", 0), 1)
        return Cell(is_mnc_wide=True).write(values, utc_offset_min) + signal


@dataclass(frozen=True)
class TypedCell:
    """The serving cell behind a byte that says its generation; 3 and above have the wide form."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        generation = cursor.number(1)
        is_4g = generation >= _G4
        Cell(4 if is_4g else 2, 8 if is_4g else 3).read(cursor, values)
        cell = values.setdefault("cells", [{}])[0]
        cell["generation"], cell["signal"] = generation, cursor.number(2 if is_4g else 1)

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        cell = _first(values)
        is_4g = cell.get("generation", 0) >= _G4
        generation = to_raw("generation", cell.get("generation", 0), 1)
        body = Cell(4 if is_4g else 2, 8 if is_4g else 3).write(values, utc_offset_min)
        return generation + body + to_raw("signal", cell.get("signal", 0), 2 if is_4g else 1)


@dataclass(frozen=True)
class SizedCell:
    """The serving cell behind a length byte that not every model counts alike.

    Attributes:
        spare: Least number of bytes that follow in the body; what the cell cannot have.
        cid_bytes: Size of the cell id in the narrow form.
        is_mnc_wide: The network code always has two bytes.
        has_signal: A byte of signal strength follows the cell.
        counts_itself: The length byte counts itself.
    """

    spare: int
    cid_bytes: int = 3
    is_mnc_wide: bool = False
    has_signal: bool = False
    counts_itself: bool = True

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        length = cursor.number(1)
        if length == 0:
            return
        is_flagged = bool(int.from_bytes(cursor.peek(2), "big") & _WIDE_MNC)
        narrow = 4 + self.cid_bytes + (2 if is_flagged or self.is_mnc_wide else 1)
        counted = length - self.counts_itself
        # Some say 8 for the 8 bytes of a narrow cell, others 9; a 4G cell has 15 or 16.
        is_4g = counted >= narrow - self.cid_bytes + 2 + 8
        Cell(4 if is_4g else 2, 8 if is_4g else self.cid_bytes, self.is_mnc_wide).read(
            cursor, values
        )
        values["cell_length"] = length
        over = 0 if is_4g else max(counted - narrow, 0)
        if 0 < over <= cursor.left - self.spare:
            keep_unknown(values, "cell", cursor.take(over))
        if self.has_signal:
            values["signal"] = cursor.number(1)

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        if not values.get("cells") and "cell_length" not in values:
            return b"\0"
        cell = _first(values)
        is_wide = self.is_mnc_wide or cell.get("wide_mnc", False)
        narrow = 4 + self.cid_bytes + (2 if is_wide else 1)
        length = values.get("cell_length", narrow + self.counts_itself)
        is_4g = length - self.counts_itself >= narrow - self.cid_bytes + 2 + 8
        body = Cell(4 if is_4g else 2, 8 if is_4g else self.cid_bytes, self.is_mnc_wide).write(
            values, utc_offset_min
        )
        kept = kept_bytes(values, "cell")
        signal = to_raw("signal", values.get("signal", 0), 1) if self.has_signal else b""
        return to_raw("cell_length", length, 1) + body + kept + signal


@dataclass(frozen=True)
class Cells:
    """The network's codes once, then cells that share them; empty slots are zeros.

    Attributes:
        lac_bytes: Size of the location area code.
        cid_bytes: Size of the cell id.
        slots: How many; 0 when a byte says it.
        is_mnc_wide: The network code always has two bytes.
        has_generation: A byte behind the network code is not zero when cells have the wide form.
    """

    lac_bytes: int = 2
    cid_bytes: int = 3
    slots: int = 7
    is_mnc_wide: bool = False
    has_generation: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        network = _read_network(cursor, is_wide=self.is_mnc_wide)
        values["network"] = network
        lac_bytes, cid_bytes = self.lac_bytes, self.cid_bytes
        if self.has_generation:
            network["generation"] = cursor.number(1)
            if network["generation"]:
                lac_bytes, cid_bytes = 4, 8
        cells = []
        for _ in range(self.slots or cursor.number(1)):
            lac, cid = cursor.number(lac_bytes), cursor.number(cid_bytes)
            cells.append({"lac": lac, "cid": cid, "rssi_dbm": -cursor.number(1)})
        while cells and not any(cells[-1].values()):
            cells.pop()
        if cells:
            values["cells"] = cells

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        network, cells = values.get("network", {}), values.get("cells", ())
        out = _write_network(network, is_wide=self.is_mnc_wide)
        lac_bytes, cid_bytes = self.lac_bytes, self.cid_bytes
        if self.has_generation:
            out += to_raw("generation", network.get("generation", 0), 1)
            if network.get("generation"):
                lac_bytes, cid_bytes = 4, 8
        if not self.slots:
            out += to_raw("cells", len(cells), 1)
        for cell in cells:
            out += to_raw("lac", cell["lac"], lac_bytes) + to_raw("cid", cell["cid"], cid_bytes)
            out += to_raw("rssi_dbm", -cell["rssi_dbm"], 1)
        missing = self.slots - len(cells) if self.slots else 0
        return out + bytes(missing * (lac_bytes + cid_bytes + 1))


@dataclass(frozen=True)
class AccessPoints:
    """Wi-Fi access points behind their number.

    Attributes:
        signal_first_bytes: Size of the signal before the address; 0 when one byte follows it.
        is_sized: The number before them counts bytes, not access points.
    """

    signal_first_bytes: int = 0
    is_sized: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        each = _MAC_BYTES + (self.signal_first_bytes or 1)
        count = cursor.number(1)
        if self.is_sized:
            count, over = divmod(count, each)
        points = self.read_some(cursor, count)
        if self.is_sized and over:
            keep_unknown(values, "wifi", cursor.take(over))
        if points:
            values["wifi"] = points

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        points = values.get("wifi", ())
        out = b"".join(self._write_one(point) for point in points)
        if not self.is_sized:
            return to_raw("wifi", len(points), 1) + out
        out += kept_bytes(values, "wifi")
        return to_raw("wifi", len(out), 1) + out

    def read_some(self, cursor: Cursor, count: int) -> list[dict[str, Any]]:
        """Return the next `count` access points."""
        return [self._read_one(cursor) for _ in range(count)]

    def _read_one(self, cursor: Cursor) -> dict[str, Any]:
        if self.signal_first_bytes:
            signal = cursor.number(self.signal_first_bytes)
            return {"mac": cursor.take(_MAC_BYTES).hex(":"), "signal": signal}
        return {"mac": cursor.take(_MAC_BYTES).hex(":"), "rssi_dbm": -cursor.number(1)}

    def _write_one(self, point: Mapping[str, Any]) -> bytes:
        mac = sized_hex("mac", point["mac"].replace(":", ""), _MAC_BYTES)
        if self.signal_first_bytes:
            return to_raw("signal", point["signal"], self.signal_first_bytes) + mac
        return mac + to_raw("rssi_dbm", -point["rssi_dbm"], 1)


@dataclass(frozen=True)
class LegacyWifi:
    """The body of a frame without serial and CRC, with the count that its length byte is before it.

    BCD time, access points, then cells of 2-byte ids that share the network's codes.
    """

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        count = cursor.number(1)
        Clock(is_bcd=True).read(cursor, values)
        points = AccessPoints().read_some(cursor, count)
        if points:
            values["wifi"] = points
        cells = cursor.number(1)
        values["network"] = _read_network(cursor)
        if cells:
            values["cells"] = [
                {"lac": cursor.number(2), "cid": cursor.number(2), "rssi_dbm": -cursor.number(1)}
                for _ in range(cells)
            ]

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        points = AccessPoints().write(values, utc_offset_min)
        cells = values.get("cells", ())
        out = points[:1] + Clock(is_bcd=True).write(values, utc_offset_min) + points[1:]
        out += to_raw("cells", len(cells), 1) + _write_network(values.get("network", {}))
        for cell in cells:
            out += to_raw("lac", cell["lac"], 2) + to_raw("cid", cell["cid"], 2)
            out += to_raw("rssi_dbm", -cell["rssi_dbm"], 1)
        return out
