"""Configuration of Mosquitto 2: its main file, password file and ACL file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guitu.brokers.accounts import Account, mosquitto_hash
from guitu.brokers.certificate import BrokerCertificate
from guitu.brokers.nats import MAX_PAYLOAD_BYTES
from guitu.private_file import write_changed

# Mosquitto's own 20 caps a consumer that acknowledges late at a few hundred messages per second.
MAX_INFLIGHT_MESSAGES: Final = 8192
# Messages held for a session that is away. At 300 bytes each about 600 MB, 10 hours of a county.
MAX_QUEUED_MESSAGES: Final = 2_000_000


@dataclass(frozen=True, kw_only=True)
class MosquittoSettings:
    """What differs between places.

    Attributes:
        folder: Where the broker finds its files.
        host: Address to listen on.
        port: TCP port.
        user: System user to run as when started by root; None for Mosquitto's own.
        certificate: What it proves itself by; None: it speaks plain MQTT.
    """

    folder: Path
    host: str
    port: int
    user: str | None = None
    certificate: BrokerCertificate | None = None


@dataclass(frozen=True)
class MosquittoFiles:
    """The three files. The password file holds hashes: keep it from others' eyes.

    Attributes:
        configuration: mosquitto.conf
        passwords: passwords
        acl: acl
    """

    configuration: str
    passwords: str
    acl: str

    def write(self, folder: Path) -> bool:
        """Write the files into the folder; return whether any changed."""
        return any(
            [
                write_changed(folder / "passwords", self.passwords),
                write_changed(folder / "acl", self.acl),
                write_changed(folder / "mosquitto.conf", self.configuration),
            ]
        )


def render(settings: MosquittoSettings, accounts: Sequence[Account]) -> MosquittoFiles:
    """Return the files for these accounts."""
    folder = settings.folder
    user = [f"user {settings.user}"] if settings.user else []
    lines = [
        *user,
        f"listener {settings.port} {settings.host}",
        *_tls(settings.certificate),
        "allow_anonymous false",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'acl'}",
        "persistence true",
        f"persistence_location {folder}/",
        # Saved every so many seconds, not with each acknowledgement: what came since the last
        # save is lost when the machine loses power. A device of ours keeps it until the gateway
        # has acknowledged on the down-link.
        "autosave_interval 30",
        f"max_inflight_messages {MAX_INFLIGHT_MESSAGES}",
        f"max_queued_messages {MAX_QUEUED_MESSAGES}",
        f"max_packet_size {MAX_PAYLOAD_BYTES}",
        "log_dest stderr",
    ]
    return MosquittoFiles(
        configuration="\n".join(lines) + "\n",
        passwords="".join(f"{account.user}:{mosquitto_hash(account)}\n" for account in accounts),
        acl="\n".join(_acl(account) for account in accounts),
    )


def _tls(certificate: BrokerCertificate | None) -> list[str]:
    if certificate is None:
        return []
    return [f"certfile {certificate.certificate}", f"keyfile {certificate.key}"]


def _acl(account: Account) -> str:
    lines = [f"user {account.user}"]
    lines += [f"topic write {topic}" for topic in account.publish]
    lines += [f"topic read {topic}" for topic in account.subscribe]
    return "\n".join(lines) + "\n"
