"""An OpenID provider: discovery, authorization code with PKCE, and the ID token's proof."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.oidc.errors import ProviderError
from server.oidc.fetching import fetch_json, origin_of

_SIGNATURES: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Asymmetric ones only: `none`, or one keyed with the client's secret, proves nothing."""
_LEEWAY_S: Final = 60
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Client:
    """What the site is to its provider.

    Attributes:
        issuer: The provider's issuer identifier.
        redirect_url: Where it sends people back, as it is registered there.
        secret: None: a public client, which PKCE alone protects.
        claim: The claim that holds the login.
    """

    issuer: str
    client_id: str
    redirect_url: str
    secret: str | None
    claim: str


async def discover(client: Client) -> dict[str, Any]:
    """Return the provider's metadata (OpenID Connect Discovery 1.0).

    Raises:
        ProviderError: It is away, or the document is another issuer's or not valid.
    """
    url = client.issuer.rstrip("/") + _WELL_KNOWN
    found = await fetch_json(url, issuer=client.issuer)
    if found.get("issuer") != client.issuer:
        raise ProviderError("the discovery document is of another issuer than the setting names")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise ProviderError(f"the discovery document has no {name}")
    if origin_of(found["authorization_endpoint"]) != origin_of(client.issuer):
        raise ProviderError("the authorization endpoint is at another origin than the issuer")
    metadata: dict[str, Any] = OpenIDProviderMetadata(found)
    return metadata


def authorization_url(
    client: Client, metadata: dict[str, Any], *, state: str, nonce: str, verifier: str
) -> str:
    """Return where a browser goes to sign in."""
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_url,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = metadata["authorization_endpoint"]
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


async def login_of(
    client: Client, metadata: dict[str, Any], *, code: str, nonce: str, verifier: str, now_s: int
) -> str:
    """Return the login that the provider vouches for.

    Raises:
        ProviderError: The code is not taken, or the token does not prove it.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_url,
        "client_id": client.client_id,
        "code_verifier": verifier,
    }
    if client.secret is not None:
        form["client_secret"] = client.secret
    answer = await fetch_json(metadata["token_endpoint"], issuer=client.issuer, form=form)
    keys = await fetch_json(metadata["jwks_uri"], issuer=client.issuer)
    claims = _proved(client, answer.get("id_token"), keys, nonce=nonce, now_s=now_s)
    login = claims.get(client.claim)
    if not isinstance(login, str) or not login:
        raise ProviderError(f"the ID token has no claim {client.claim}")
    return login


def _proved(
    client: Client, token: object, keys: dict[str, Any], *, nonce: str, now_s: int
) -> dict[str, Any]:
    if not isinstance(token, str):
        raise ProviderError("the token answer has no ID token")
    try:
        key_set = KeySet.import_key_set({"keys": keys.get("keys", [])})
        decoded = jwt.decode(token, key_set, algorithms=list(_SIGNATURES))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        # Without the cause: its text may repeat parts of the token.
        raise ProviderError("the ID token's signature does not hold") from None
    options = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.client_id},
        "exp": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    params = {"client_id": client.client_id, "nonce": nonce}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    try:
        claims.validate(now=now_s, leeway=_LEEWAY_S)
    except (JoseError, ValueError, TypeError):
        raise ProviderError("a claim of the ID token does not hold") from None
    found: dict[str, Any] = claims
    return found
