"""A small OpenID provider on a real port: discovery, keys, and codes that want their verifier."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """What it says; a test changes it."""

    base: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k-1"}))
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | None = None

    def metadata(self) -> dict[str, Any]:
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        found = {name: f"{self.base}/{path}" for name, path in names.items()}
        return {"issuer": self.base} | found | self.changed

    def authorize(self, query: dict[str, str], claims: dict[str, Any]) -> str:
        """What the person's click does: return a code for the question's challenge."""
        code = f"code-{len(self.codes)}"
        standing = {"iss": self.base, "aud": query["client_id"], "nonce": query["nonce"]}
        self.codes[code] = {
            "challenge": query["code_challenge"],
            "redirect": query["redirect_uri"],
            "claims": standing | {"sub": "person-1"} | claims,
        }
        return code

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        found = self.codes.pop(form.get("code", ""), None)
        if (
            found is None
            or create_s256_code_challenge(form.get("code_verifier", "")) != found["challenge"]
            or form.get("redirect_uri") != found["redirect"]
            or form.get("client_secret") != "secret-of-the-site"
        ):
            return None
        header = {"alg": "RS256", "kid": "k-1"}
        token = jwt.encode(header, found["claims"], self.signer or self.key)
        return {"access_token": "at", "token_type": "Bearer", "id_token": token}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Serve until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                "/.well-known/openid-configuration": provider.metadata,
                "/keys": lambda: {"keys": [provider.key.as_dict(private=False)]},
            }
            found = answers.get(self.path)
            self._say(found() if found else None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(provider.token(dict(parse_qsl(body))))

        def _say(self, answer: dict[str, Any] | None) -> None:
            content = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(200 if answer else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
