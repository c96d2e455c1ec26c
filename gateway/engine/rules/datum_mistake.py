"""Datum mistake: nights displaced from the home, or from earlier nights, by a datum's shift.

Three mistakes are known by where they put the nights: the device tells GCJ-02 or BD-09 and calls it
WGS-84, or what it is compared with is GCJ-02 that was not converted. Where no home is known, a
night is compared with the place of earlier ones: firmware changes while a device is worn, and
houses do not. Everything that such a device or home is compared with is wrong by some 500 m; no
conduct follows from it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, DEGREE_E7
from gateway.engine.account import Account, metres
from gateway.engine.nights import CARRY as NIGHTS
from gateway.engine.nights import begin_night, sample
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import MM_PER_M, radius_mm
from gateway.engine.stretch import Stretch, between_mm
from gateway.engine.words import Words
from geofence.arrays import BoolArray, Int8Array, IntArray
from geofence.datum import from_wgs84

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_BEIJING_MS: Final = 8 * _HOUR_MS
_LANES: Final = 64
"""Sines may differ in the last bit at the ragged end of an array; a full one has none."""

_NO_FACT: Final = -1
_FACTS: Final = ("mistake", "from_home_m", "from_image_m", "shift_m", "is_own")
_OF_DEVICE: Final = (
    Words("设备坐标疑为未转换的GCJ-02", "the device seems to tell GCJ-02 as WGS-84"),
    Words("设备坐标疑为未转换的BD-09", "the device seems to tell BD-09 as WGS-84"),
)
_OF_HOME: Final = Words(
    "住所坐标疑为未转换的GCJ-02", "the home seems to be registered in GCJ-02 as WGS-84"
)
_OF_EARLIER: Final = Words(
    "设备此前的坐标疑为未转换的GCJ-02", "the device seems to have told GCJ-02 as WGS-84 before"
)
_MISTAKES: Final = ((*_OF_DEVICE, _OF_HOME), (*_OF_DEVICE, _OF_EARLIER))
_THAN: Final = (
    Words("住所", "the home"),
    Words("此前夜间所在处", "where earlier nights were spent"),
)
"""By what the nights are compared with: a home that is known, or the own earlier nights."""

Place = tuple[NDArray[Any], NDArray[Any]]
"""Longitudes and latitudes."""

_PLACES: Final = ("home_lon", "home_lat", "gcj_lon", "gcj_lat", "bd_lon", "bd_lat")
"""What nights are compared with, and where each mistake of the device puts it."""


def _images(lon_e7: IntArray, lat_e7: IntArray) -> tuple[IntArray, ...]:
    """Return positions in GCJ-02 and BD-09: longitude, latitude, longitude, latitude, 1e-7."""
    size = len(lon_e7)
    padded = -(-size // _LANES) * _LANES
    lon_deg = np.resize(lon_e7, padded) / DEGREE_E7
    lat_deg = np.resize(lat_e7, padded) / DEGREE_E7
    out = (*from_wgs84(lon_deg, lat_deg, "GCJ02"), *from_wgs84(lon_deg, lat_deg, "BD09"))
    return tuple(np.rint(each[:size] * DEGREE_E7).astype(np.int32) for each in out)


def _places(group: IntArray, home: Place, memory: Memory) -> tuple[Place, tuple[Place, ...]]:
    """Return the home and where each mistake puts it, by judged row, 1e-7 degrees.

    The images are remembered for as long as the home is the same.
    """
    kept = [memory[name][group] for name in _PLACES]
    is_new = (kept[0] != home[0]) | (kept[1] != home[1])
    kept[:2] = [each.astype(np.int32) for each in home]
    if is_new.any():
        pairs = np.column_stack([each[is_new] for each in kept[:2]])
        homes, which = np.unique(pairs, axis=0, return_inverse=True)
        for place, image in zip(kept[2:], _images(homes[:, 0], homes[:, 1]), strict=True):
            place[is_new] = image[which.ravel()]
    last = np.r_[group[1:] != group[:-1], True]
    for name, place in zip(_PLACES, kept, strict=True):
        memory[name] = memory[name].copy()
        memory[name][group[last]] = place[last]
    lon, lat, gcj_lon, gcj_lat, bd_lon, bd_lat = (each.astype(np.int64) for each in kept)
    # A mistake at the home is the shift the other way; it changes by metres over 500 m.
    undone = 2 * lon - gcj_lon, 2 * lat - gcj_lat
    return (lon, lat), ((gcj_lon, gcj_lat), (bd_lon, bd_lat), undone)


class _Finding:
    """What the nights of a stretch say, row by row."""

    def __init__(self, stretch: Stretch) -> None:
        local_ms = stretch.time_ms + _BEIJING_MS
        self.stretch = stretch
        self.night: IntArray = local_ms // _DAY_MS
        self.circle_mm = radius_mm(stretch, stretch.rows["accuracy_mm"])
        near_mm = stretch.limits["datum_near_m"] * MM_PER_M
        is_night = local_ms % _DAY_MS < stretch.limits["datum_night_end_h"] * _HOUR_MS
        self.rows = np.flatnonzero(is_night & stretch.has_fix & (self.circle_mm <= near_mm))
        self.decision: Int8Array = np.zeros(len(stretch), np.int8)
        self.facts = {name: np.full(len(stretch), _NO_FACT) for name in _FACTS}

    def nights(self) -> list[IntArray]:
        """Return the judged rows of every wearer's first night in the stretch, second night, ..."""
        rows = self.rows
        if self.stretch.has_one_row_each or not len(rows):
            return [rows] if len(rows) else []
        group, night = self.stretch.group[rows], self.night[rows]
        opens = np.r_[True, group[1:] != group[:-1]]
        number = np.cumsum(opens | np.r_[True, night[1:] != night[:-1]])
        rank = number - np.maximum.accumulate(np.where(opens, number, 0))
        return [rows[rank == each] for each in range(int(rank.max()) + 1)]

    def homes(self, rows: IntArray, memory: Memory) -> tuple[Place, BoolArray]:
        """Return what rows are compared with, and where that is the own earlier nights."""
        group, stretch = self.stretch.group[rows], self.stretch
        own = memory["own_lon_e7"][group], memory["own_lat_e7"][group]
        if stretch.home_lon_e7 is None or stretch.home_lat_e7 is None:
            return own, np.ones(len(rows), np.bool_)
        home = stretch.home_lon_e7[rows], stretch.home_lat_e7[rows]
        is_own: BoolArray = home[0] == ABSENT
        return (np.where(is_own, own[0], home[0]), np.where(is_own, own[1], home[1])), is_own


def _look(finding: _Finding, memory: Memory, rows: IntArray) -> None:
    """Judge the rows of one night of each wearer."""
    stretch, group = finding.stretch, finding.stretch.group[rows]
    wearer, first = np.unique(group, return_index=True)
    limits = stretch.limits
    own_mm = limits["datum_own_m"][rows] * MM_PER_M
    begin_night(memory, wearer, finding.night[rows[first]], own_mm[first])
    home, is_own = finding.homes(rows, memory)
    near_mm = np.where(is_own, own_mm, limits["datum_near_m"][rows] * MM_PER_M)
    asked = np.flatnonzero(home[0] != ABSENT)
    if len(asked):
        where = home[0][asked], home[1][asked]
        _compare(finding, memory, rows[asked], where, near_mm[asked])
        finding.facts["is_own"][rows[asked]] = is_own[asked]
    plain = np.flatnonzero(is_own & (finding.decision[rows] <= 0))
    fix = stretch.rows["lon_e7"][rows[plain]], stretch.rows["lat_e7"][rows[plain]]
    sample(memory, group[plain], fix)


def _compare(
    finding: _Finding, memory: Memory, rows: IntArray, home: Place, near_mm: IntArray
) -> None:
    stretch = finding.stretch
    home, images = _places(stretch.group[rows], home, memory)
    fix = stretch.rows["lon_e7"][rows], stretch.rows["lat_e7"][rows]
    home_mm = between_mm(*fix, *home)
    away_mm = np.array([between_mm(*fix, *image) for image in images])
    best = np.argmin(away_mm, axis=0), np.arange(len(rows))
    reach_mm = near_mm + finding.circle_mm[rows]
    is_home = home_mm <= reach_mm
    finding.decision[rows] = decided(~is_home & (away_mm[best] <= reach_mm), is_home)
    shift_mm = np.array([between_mm(*home, *image) for image in images])
    facts = {
        "mistake": best[0],
        "from_home_m": home_mm // MM_PER_M,
        "from_image_m": away_mm[best] // MM_PER_M,
        "shift_m": shift_mm[best] // MM_PER_M,
    }
    for name, values in facts.items():
        finding.facts[name][rows] = values


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    finding = _Finding(stretch)
    for rows in finding.nights():
        _look(finding, memory, rows)
    return Judged(finding.decision, finding.facts)


def _explain(account: Account) -> Words:
    facts, count = account.facts, account.parameter("datum_reports")
    words = _MISTAKES[facts["is_own"]][facts["mistake"]]
    away, near = metres(facts["from_home_m"]), metres(facts["from_image_m"])
    shift, than = metres(facts["shift_m"]), _THAN[facts["is_own"]]
    return Words(
        f"{words.zh}：夜间至少{count}次定位稳定偏离{than.zh}，最近一次偏离{away.zh}，"
        f"与该处坐标系偏移{shift.zh}的位置仅差{near.zh}；由此产生的越界提示不可信",
        f"{words.en}: at night at least {count} fixes lie displaced from {than.en}, the latest by "
        f"{away.en}, {near.en} from where that mistake puts it (a shift of {shift.en}); "
        f"what follows from it about borders is not to be trusted",
    )


DATUM_MISTAKE: Final = Rule(
    name="datum_mistake",
    severity="major",
    category="integrity",
    title=Words("疑似坐标系错误", "wrong datum"),
    explain=_explain,
    judge=_judge,
    carry={name: Carried(np.int32, ABSENT) for name in _PLACES} | NIGHTS,
    parameters=(
        "datum_near_m",
        "datum_own_m",
        "datum_night_end_h",
        "datum_reports",
        "datum_s",
        "accuracy_floor_m",
        "accuracy_default_m",
    ),
    raise_reports="datum_reports",
    raise_s="datum_s",
    clear_reports="datum_reports",
)
