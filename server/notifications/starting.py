"""Builds the worker from the server's settings."""

from server.archive.keys import read_master_key
from server.config import ServerSettings
from server.notifications.channel import Sealer
from server.notifications.egress import Egress, networks_of
from server.notifications.sending import Sender
from server.notifications.supervised_threads import Threads
from server.notifications.timing import Patience
from server.notifications.worker import Worker, WorkerSettings
from server.parts import Parts

_LONGEST_PAUSE_S = 600.0
_BREAKS_AFTER = 5
_HANGING_EACH = 2
"""Blocking calls of one channel that may hang before it is tried no more."""


def sealer_of(settings: ServerSettings) -> Sealer | None:
    """Return what seals addresses; None: the site has no key, and no channel but terminals.

    Raises:
        SettingsError: The file cannot be read, is open to others, or holds no such key.
    """
    path = settings.notification_key_file
    if path is None:
        return None
    return Sealer(read_master_key(path, "GUITU_SERVER_NOTIFICATION_KEY_FILE"))


def services_of(settings: ServerSettings) -> frozenset[str]:
    """Return the schemes of Apprise that the site allows beside those that name their host."""
    parts = settings.notification_services.split(",")
    return frozenset(part.strip().lower() for part in parts if part.strip())


def notification_worker(parts: Parts) -> Worker:
    """Return the worker of an app.

    Raises:
        SettingsError: The key's file or the networks are not as they should be.
    """
    settings = parts.settings
    sender = Sender(
        sealer=sealer_of(settings),
        egress=Egress(networks_of(settings.notification_networks)),
        services=services_of(settings),
        threads=Threads(most_each=_HANGING_EACH, most=settings.notification_most_at_once),
        timeout_s=settings.notification_attempt_s,
        most=settings.notification_most_at_once,
        clock=parts.clock,
    )
    patience = Patience(
        most_attempts=settings.notification_attempts_max,
        first_s=settings.notification_retry_s,
        longest_s=_LONGEST_PAUSE_S,
        breaks_after=_BREAKS_AFTER,
        rest_s=settings.notification_rest_s,
    )
    told = WorkerSettings(
        patience=patience,
        attempt_s=settings.notification_attempt_s,
        poll_s=settings.notification_poll_s,
        most_at_once=settings.notification_most_at_once,
        keep_days=settings.notification_keep_days,
    )
    return Worker(parts.database, sender, told, parts.metrics, parts.clock)
