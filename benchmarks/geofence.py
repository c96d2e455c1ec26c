"""Signed distances of (fix, fence) pairs per second and core, beside shapely and a plain loop.

Claim: with numpy alone 2.5 million pairs per second and core at 40,000 subjects and counties of
2,000 vertices, exact signed metres included; at least 20 times shapely's contains and distance, 10
times the best that boxes and dwithin make of it, 30 times a tree over all fences; a batch of 2,048
fixes end to end within 6 ms of CPU time at the 99th percentile.

GUITU_BENCH_COUNTRY=1 adds 700,000 subjects (two minutes more, 3 GB); GUITU_BENCH_POSTGIS=<DSN>
adds a PostGIS database, in temporary tables.
"""

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks.geofence_agreement import agreement
from benchmarks.geofence_calibration import calibration_rows
from benchmarks.geofence_clock import Method, each_batch_ms, in_turns, once_ms, quantile, ratio
from benchmarks.geofence_postgis import postgis_ns_per_pair
from benchmarks.geofence_rivals import Rivals, plain_loop
from benchmarks.geofence_whole import WholeBatch, make_sites
from benchmarks.geofence_world import Fixes, World, make_fixes, make_world
from geofence.assignment import Row
from geofence.errors import KernelError
from geofence.index import FenceIndex, build_index
from geofence.kernel import Kernel
from geofence.kernels import KERNELS, load_kernel

CASES: Final = ((550, 255), (6_000, 2_000), (40_000, 176), (40_000, 2_000), (40_000, 10_000))
COUNTRY: Final = (700_000, 185)
SIZES: Final = (256, 2_048, 16_384)
_COMPARED: Final = 2_048
_DIFFERENT: Final = 8
"""Batches in turn, so that no method lives on one batch's cache lines."""

_ROUNDS: Final = 5
_TREE_MOST: Final = 40_000
_PLAIN_PAIRS: Final = 100

_Result = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    name: str
    seed: int
    world: World
    index: FenceIndex
    kernels: dict[str, Kernel]


def run(seed: int) -> list[_Result]:
    """Return the rows of every case, then those of the calibration."""
    kernels = _kernels()
    cases = (*CASES, COUNTRY) if os.environ.get("GUITU_BENCH_COUNTRY") else CASES
    rows: list[_Result] = []
    for subjects, vertices in cases:
        world = make_world(seed, subjects, vertices)
        gc.collect()
        begin_s = time.process_time()
        index = build_index([fence.outline for fence in world.fences])
        build_s = time.process_time() - begin_s
        name = f"{subjects:,} subjects x {vertices:,} vertices"
        case = _Case(name, seed, world, index, kernels)
        rows.append(_size_row(case, build_s))
        found = agreement(world, index, _batches(case, SIZES[-1]), kernels)
        rows.append({"row": f"{case.name}: agreement with shapely"} | found)
        for size in SIZES:
            rows += _kernel_rows(case, size)
        rows += _rival_rows(case)
        rows += _whole_rows(case)
    return rows + calibration_rows(seed)


def _kernels() -> dict[str, Kernel]:
    out = {}
    for name in KERNELS:
        try:
            out[name] = load_kernel(name)
        except KernelError as error:
            print(f"without {name}: {error}")
    return out


def _size_row(case: _Case, build_s: float) -> _Result:
    world, index = case.world, case.index
    many = world.subjects
    whole = WholeBatch(world, index, case.kernels["numpy"], case.seed)
    shared = build_index([fence.outline for fence in world.fences[: world.shared]]).nbytes
    # The first edit finds no room at the arenas' ends and makes some; the second is the usual one.
    home, county = world.shared, 0
    edited = index.edited({home: world.fences[home + 1].outline})
    edited = edited.edited({county: world.fences[county].outline})
    moved = {many - 1: [Row(zone) for zone in world.assignment.zones_of(0)]}
    # A home's header, the list, the state, and the headers of the shared fences.
    headers = (many + world.shared) * index.header.nbytes // len(index)
    person = headers + world.assignment.nbytes + whole.state_bytes
    everything = index.nbytes + world.assignment.nbytes + whole.state_bytes
    return {
        "row": f"{case.name}: build, edit, memory",
        "fences": len(index),
        "fences_per_subject": round(world.assignment.slots / many, 2),
        "build_s": round(build_s, 2),
        "update_one_county_ms": _best_ms(
            lambda: edited.edited({county: world.fences[county].outline})
        ),
        "update_one_home_ms": _best_ms(
            lambda: edited.edited({home: world.fences[home + 1].outline})
        ),
        "update_one_subjects_list_ms": _best_ms(lambda: world.assignment.edited(moved)),
        "whole_index_mb": round(everything / 1e6, 1),
        "bytes_per_subject": round(person / many),
        "of_that_list": round(world.assignment.nbytes / many),
        "of_that_state": round(whole.state_bytes / many),
        "all_bytes_per_subject": round(everything / many),
        "of_that_shared_fences": round(shared / many),
    }


def _best_ms(call: Callable[[], object]) -> float:
    return round(min(once_ms(call) for _ in range(5)), 2)


def _batches(case: _Case, size: int) -> list[Fixes]:
    return [make_fixes(case.seed * 1_000 + n, case.world, size) for n in range(_DIFFERENT)]


def _grid(case: _Case, batches: list[Fixes], kernel: Kernel) -> Method:
    def method(number: int) -> int:
        fixes = batches[number % len(batches)]
        pairs = case.world.assignment.pairs(fixes.subject)
        case.index.distances_mm(fixes.lon_deg, fixes.lat_deg, pairs.fix, pairs.zone, kernel=kernel)
        return len(pairs.fix)

    return method


def _kernel_rows(case: _Case, size: int) -> list[_Result]:
    batches = _batches(case, size)
    methods = {name: _grid(case, batches, kernel) for name, kernel in case.kernels.items()}
    found = in_turns(methods, rounds=_ROUNDS)
    count = max(100, min(400, 1_000_000 // size))
    rows = []
    for name, method in methods.items():
        ms = each_batch_ms(method, count)
        ns = median(found[name])
        rows.append(
            {
                "row": f"{case.name}, batch {size:,}: grid, {name}, signed metres",
                "ns_per_pair": round(ns, 1),
                "million_pairs_per_s": round(1_000 / ns, 2),
                "ratio_to_numpy": round(1 / ratio(found[name], found["numpy"]), 2),
                "p50_ms": round(quantile(ms, 0.5), 3),
                "p99_ms": round(quantile(ms, 0.99), 3),
            }
        )
    return rows


def _rival_rows(case: _Case) -> list[_Result]:
    batches = _batches(case, _COMPARED)
    pairs = [case.world.assignment.pairs(fixes.subject) for fixes in batches]
    with_tree = case.world.subjects <= _TREE_MOST
    rivals = Rivals(case.world, with_tree=with_tree)

    def of(call: Callable[..., Any]) -> Method:
        def method(number: int) -> int:
            which = number % _DIFFERENT
            call(batches[which], pairs[which])
            return len(pairs[which].fix)

        return method

    def plain(number: int) -> int:
        which = number % _DIFFERENT
        return len(plain_loop(case.world, batches[which], pairs[which], _PLAIN_PAIRS))

    methods = {name: _grid(case, batches, kernel) for name, kernel in case.kernels.items()} | {
        "shapely contains_xy, prepared, pairwise: no metres": of(rivals.inside),
        "shapely contains_xy and distance": of(rivals.inside_and_metres),
        "shapely boxes, contains_xy, dwithin, distance": of(rivals.step_by_step),
    }
    if with_tree:
        methods["shapely STRtree of all fences, own kept: no metres"] = of(rivals.by_tree)
    methods["plain Python loop"] = plain
    found = in_turns(methods, rounds=_ROUNDS)
    dsn = os.environ.get("GUITU_BENCH_POSTGIS")
    if dsn:
        ns = postgis_ns_per_pair(dsn, case.world, batches[0], pairs[0])
        found["PostGIS, own pairs, ST_Covers and ST_Distance"] = [ns] * _ROUNDS
    return [
        {
            "row": f"{case.name}, batch {_COMPARED:,}: {name}",
            "ns_per_pair": round(median(ns), 1),
            **{
                f"times_slower_than_{kernel}": round(ratio(ns, found[kernel]), 1)
                for kernel in case.kernels
            },
        }
        for name, ns in found.items()
        if name not in case.kernels
    ]


def _whole_rows(case: _Case) -> list[_Result]:
    batches = [make_fixes(case.seed * 7_000 + n, case.world, _COMPARED) for n in range(40)]
    rows = []
    for name, kernel in case.kernels.items():
        whole = WholeBatch(case.world, case.index, kernel, case.seed)
        ms = each_batch_ms(lambda n, whole=whole: whole.take(batches[n % len(batches)]), 300)  # type: ignore[misc]
        rows.append(
            {
                "row": f"{case.name}: {_COMPARED:,} fixes end to end, {name}",
                "p50_ms": round(quantile(ms, 0.5), 2),
                "p99_ms": round(quantile(ms, 0.99), 2),
                "fixes_per_s": round(_COMPARED / quantile(ms, 0.5) * 1_000),
            }
        )
    sites = make_sites(case.world, case.seed)

    def nearest(number: int) -> int:
        fixes = batches[number % len(batches)]
        sites.nearest(fixes.lon_deg, fixes.lat_deg)
        return len(fixes.subject)

    found = in_turns({"nearest": nearest}, rounds=_ROUNDS)["nearest"]
    rows.append(
        {
            "row": f"{case.name}: nearest of 10,000 sites, batch {_COMPARED:,}",
            "ns_per_fix": round(median(found), 1),
        }
    )
    return rows
