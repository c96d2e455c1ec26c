"""Configuration of nats-server as MQTT broker."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guitu.brokers.accounts import Account, bcrypt_hash
from guitu.brokers.certificate import BrokerCertificate

# All subscriptions of one session together may hold 65,535 unacknowledged messages: with more, the
# next QoS 1 filter is refused with SUBACK 0x80. The gateway's sessions have three filters and one.
MAX_ACK_PENDING: Final = 8192
# An unacknowledged message comes back only after this, also on reconnect.
ACK_WAIT_S: Final = 3
# Twice the largest allowed message and more: a merely oversized one is to reach the gateway's
# quarantine, anything beyond is cut off here.
MAX_PAYLOAD_BYTES: Final = 262_144
# Storage for messages that no gateway has taken yet: at 300 bytes each, about four days of
# a county. When it is full nothing is acknowledged to devices, and they keep what they have.
MAX_STORE_BYTES: Final = 8 * 1024**3
# What is only in memory is not kept; the broker's own default is three quarters of the machine.
MAX_MEMORY_BYTES: Final = 256 * 1024**2

_WHOLE_MQTT: Final = "$MQTT.>"


@dataclass(frozen=True, kw_only=True)
class NatsSettings:
    """What differs between places.

    Attributes:
        store: Folder for JetStream.
        mqtt_listen: host:port for MQTT.
        client_listen: host:port for NATS' own protocol.
        monitor_listen: host:port for health checks; None for none. It has no sign-in.
        max_store_bytes: Most that JetStream may keep on disk.
        certificate: What it proves itself by to MQTT clients; None: it speaks plain MQTT.
    """

    store: Path
    mqtt_listen: str
    client_listen: str
    monitor_listen: str | None = None
    max_store_bytes: int = MAX_STORE_BYTES
    certificate: BrokerCertificate | None = None


def render(settings: NatsSettings, accounts: Sequence[Account]) -> str:
    """Return the configuration file. It holds password hashes: keep it from others' eyes."""
    monitor = [f"http: {_text(settings.monitor_listen)}"] if settings.monitor_listen else []
    lines = [
        'server_name: "guitu-broker"',
        f"listen: {_text(settings.client_listen)}",
        *monitor,
        f"max_payload: {MAX_PAYLOAD_BYTES}",
        "jetstream {",
        f"  store_dir: {_text(str(settings.store))}",
        f"  max_file_store: {settings.max_store_bytes}",
        f"  max_memory_store: {MAX_MEMORY_BYTES}",
        # Without it a message is acknowledged first and synced within two minutes.
        "  sync_interval: always",
        "}",
        "mqtt {",
        f"  listen: {_text(settings.mqtt_listen)}",
        f'  ack_wait: "{ACK_WAIT_S}s"',
        f"  max_ack_pending: {MAX_ACK_PENDING}",
        *_tls(settings.certificate),
        "}",
        "authorization {",
        "  users: [",
        *(f"    {_user(account)}" for account in accounts),
        "  ]",
        "}",
    ]
    return "\n".join(lines) + "\n"


def subject(mqtt_filter: str) -> str:
    """Return the NATS subject of an MQTT topic filter without `#`."""
    return ".".join("*" if level == "+" else level for level in mqtt_filter.split("/"))


def _tls(certificate: BrokerCertificate | None) -> list[str]:
    if certificate is None:
        return []
    cert, key = map(_text, (str(certificate.certificate), str(certificate.key)))
    return [f"  tls {{ cert_file: {cert}, key_file: {key} }}"]


def _user(account: Account) -> str:
    # A persistent session is kept in streams and consumers under $MQTT, in the client's name.
    session = (_WHOLE_MQTT,) if account.is_persistent else ()
    publish = json.dumps([*map(subject, account.publish), *session])
    subscribe = json.dumps([*map(subject, account.subscribe), *session])
    return (
        f"{{user: {_text(account.user)}, password: {_text(bcrypt_hash(account))}, "
        f"permissions: {{publish: {{allow: {publish}}}, subscribe: {{allow: {subscribe}}}}}}}"
    )


def _text(value: str) -> str:
    return json.dumps(value)
