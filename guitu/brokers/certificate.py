"""What a broker proves itself by; with it the broker speaks TLS, and no plain MQTT any more."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BrokerCertificate:
    """Two files, at the places where the broker finds them.

    Attributes:
        certificate: Certificate (PEM), with those between it and its root.
        key: Its key (PEM), without a pass phrase.
    """

    certificate: Path
    key: Path
