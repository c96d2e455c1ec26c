"""Certificates of a small authority (X.509, RFC 5280): EC P-256 with SHA-256. No disk, no clock."""

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Use = Literal["server", "broker", "gateway", "device"]
"""What a certificate proves: a `server` or `broker` to who connects to it, a `gateway` or `device`
to what it connects to."""

Key = ec.EllipticCurvePrivateKey
_SERVES: Final[tuple[Use, ...]] = ("server", "broker")
# Clocks of clients that are a little slow still find it valid.
_BACKDATED: Final = timedelta(minutes=5)


def new_key() -> Key:
    """Return a new private key on the curve P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def root(key: Key, name: str, *, at: datetime, days: int) -> x509.Certificate:
    """Return a root's own certificate; it signs leaves only (path length 0)."""
    subject = _subject(name)
    span = at, at + timedelta(days=days)
    builder = (
        _begun(key.public_key(), names=(subject, subject), span=span)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return builder.sign(key, hashes.SHA256())


def leaf(
    authority: tuple[Key, x509.Certificate],
    public_key: ec.EllipticCurvePublicKey,
    *,
    use: Use,
    name: str,
    places: Sequence[str],
    at: datetime,
    days: int,
) -> x509.Certificate:
    """Return the certificate of one holder, with a random serial number.

    Args:
        authority: The root's key and certificate.
        public_key: The holder's.
        use: What it proves; it holds for nothing else (extended key usage).
        name: The holder's name: of a gateway or device its id.
        places: Host names and addresses that it is reached by; a gateway or device has none.
        at: Now, aware.
        days: How long it is valid; it never outlives the root.
    """
    key, issuer = authority
    oids = ExtendedKeyUsageOID
    purpose = oids.SERVER_AUTH if use in _SERVES else oids.CLIENT_AUTH
    span = at, min(at + timedelta(days=days), issuer.not_valid_after_utc)
    builder = (
        _begun(public_key, names=(_subject(name, use), issuer.subject), span=span)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(use, name, places)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    return builder.sign(key, hashes.SHA256())


def revocations(
    authority: tuple[Key, x509.Certificate],
    revoked: Mapping[int, datetime],
    *,
    number: int,
    at: datetime,
    days: int,
) -> x509.CertificateRevocationList:
    """Return the list of revoked serial numbers, each with its instant."""
    key, issuer = authority
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(at)
        .next_update(at + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    for serial, since in revoked.items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(key, hashes.SHA256())


def _begun(
    public_key: ec.EllipticCurvePublicKey,
    *,
    names: tuple[x509.Name, x509.Name],
    span: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    (subject, issuer), (since, until) = names, span
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since - _BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _subject(name: str, use: Use | None = None) -> x509.Name:
    unit = [] if use is None else [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, use)]
    return x509.Name([*unit, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _names(use: Use, name: str, places: Sequence[str]) -> list[x509.GeneralName]:
    if use not in _SERVES:
        return [x509.UniformResourceIdentifier(f"urn:guitu:{use}:{name}")]
    found: list[x509.GeneralName] = []
    for place in places or [name]:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(place)))
        except ValueError:
            found.append(x509.DNSName(place))
    return found


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
