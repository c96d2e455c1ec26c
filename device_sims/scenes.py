"""The scenarios by name: what `guitu sim run` plays."""

from device_sims.carried import carried_by
from device_sims.cast import Cast
from device_sims.field.live import field_feeds, live_labels
from device_sims.field.population import Population
from device_sims.field.society import Society
from device_sims.label_file import county_labels, load_labels
from device_sims.load import LoadBand, Profile
from device_sims.run import Scene
from device_sims.script import Script
from device_sims.track import TrackFeed
from device_sims.wristband import Wristband

SUBJECTS = 550
"""People of the demonstration county; more only if more wear a wristband."""

PHONE_INTERVAL_S = 30.0
"""Officers' phones and recorders report this often at scale 1."""

_MS_PER_S = 1_000


def county_scene(
    seed: int, *, devices: int, terminals: int, start_ms: int, interval_s: float, boot: int
) -> Scene:
    """Return the county with `devices` wristbands, `terminals` over TCP, and its officers."""
    wearing = devices + terminals
    cast = Cast(seed, subjects=max(SUBJECTS, wearing), wearing=wearing, terminals=terminals)
    script = Script(cast, start_ms / _MS_PER_S)
    interval_ms = round(interval_s * _MS_PER_S)
    bands = (
        Wristband(cast, wearer, script, interval_ms=interval_ms, boot=boot)
        for wearer in cast.wearers
    )
    carried_ms = max(interval_ms, round(PHONE_INTERVAL_S * _MS_PER_S))
    carried = (
        feed
        for officer in cast.officers
        for feed in carried_by(cast, officer, start_ms=start_ms, interval_ms=carried_ms, boot=boot)
    )
    return Scene([*bands, *carried], county_labels(script))


def field_scene(seed: int, *, residents: int, start_ms: int, boot: int) -> Scene:
    """Return the field: people who violate every rule, and near misses (docs/simulators.md)."""
    society = Society(Population(seed, residents))
    feeds = field_feeds(society, start_ms=start_ms, boot=boot)
    return Scene(feeds, live_labels(society, start_ms / _MS_PER_S))


def load_scene(profile: Profile, *, start_ms: int, interval_s: float, boot: int) -> Scene:
    """Return the load profile."""
    interval_ms = round(interval_s * _MS_PER_S)
    feeds = [
        LoadBand(profile, wearer, start_ms=start_ms, interval_ms=interval_ms, boot=boot)
        for wearer in profile.wearers
    ]
    return Scene(feeds, load_labels(profile, start_ms / _MS_PER_S))


def track_scene(feed: TrackFeed) -> Scene:
    """Return one device that plays a track."""
    return Scene([feed], iter(()))
