"""A command's session with a running server: sign in, ask, sign out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import httpx
import pyotp

from guitu.errors import ServerRefusedError
from server.auth.factor import PERIOD_S

_TIMEOUT_S: Final = 30.0
_SHOWN: Final = 5  # faults in one line
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., Any])


class ServerSession:
    """A login's session; every answer but a success is an error."""

    def __init__(self, client: httpx.Client, headers: dict[str, str]) -> None:
        """Take a client with the session's cookie, and the headers of its changes."""
        self._client = client
        self._headers = headers

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request and return its answer; `headers` come on top of the session's.

        Raises:
            ServerRefusedError: The answer is not a success.
        """
        headers = self._headers | request.pop("headers", {})
        answer = self._client.request(method, path, headers=headers, **request)
        if answer.is_success:
            return answer
        raise _refusal(answer)

    def json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send a request and return the object that it is answered with."""
        found: dict[str, Any] = self.ask(method, path, **request).json()
        return found


@contextmanager
def signed_in(
    *, server: str, login: str, password_file: Path, code: str | None, factor_file: Path | None
) -> Iterator[ServerSession]:
    """Sign in, and out afterwards.

    Args:
        server: Its address.
        login: Whose.
        password_file: Holds the password.
        code: Of the second factor, if a person gives it.
        factor_file: Holds the second factor's secret, for a login that only a program uses.

    Raises:
        ServerRefusedError: The server refuses something, or does not answer.
    """
    password = password_file.read_text(encoding="utf-8").strip()
    with httpx.Client(base_url=server, timeout=_TIMEOUT_S) as client:
        try:
            given = {"login": login, "password": password}
            said = ServerSession(client, {}).json("POST", "/api/v1/session", json=given)
            session = ServerSession(client, {"X-CSRF-Token": said["csrf_token"]})
            given_code = _code(factor_file) if factor_file else code
            if given_code is not None:
                session.ask("POST", "/api/v1/session/code", json={"code": given_code})
            try:
                yield session
            finally:
                with suppress(ServerRefusedError):
                    session.ask("DELETE", "/api/v1/session")
        except httpx.HTTPError as error:
            raise ServerRefusedError(f"{server} does not answer: {error}") from error


def sign_in_options(who: str) -> Callable[[_Command], _Command]:
    """Give a command what `signed_in` takes; `who` says whose login it wants."""

    def with_options(command: _Command) -> _Command:
        options = (
            click.option(
                "--server", default="http://127.0.0.1:8210", show_default=True, help="Address."
            ),
            click.option("--login", required=True, help=who),
            click.option(
                "--password-file", type=_FILE, required=True, help="File with the password."
            ),
            click.option("--code", help="Code of the second factor, if the login has one."),
            click.option(
                "--factor-file",
                type=_FILE,
                help="File with the second factor's secret, for a login that only a program uses.",
            ),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def _code(factor_file: Path) -> str:
    secret = factor_file.read_text(encoding="utf-8").strip()
    try:
        return pyotp.TOTP(secret, interval=PERIOD_S).now()
    except ValueError as error:
        raise ServerRefusedError(f"{factor_file} holds no secret in base32") from error


def _refusal(answer: httpx.Response) -> ServerRefusedError:
    is_json = "json" in answer.headers.get("content-type", "")
    problem: dict[str, Any] = answer.json() if is_json else {}
    faults = problem.get("errors") or []
    places = "; ".join(
        f"{_place(fault)}: {_text(fault.get('detail'))}" for fault in faults[:_SHOWN]
    )
    more = f" (and {len(faults) - _SHOWN} more)" if len(faults) > _SHOWN else ""
    text = places or _text(problem.get("detail")) or answer.reason_phrase
    return ServerRefusedError(
        f"the server answered {answer.status_code}: {text}{more}", status=answer.status_code
    )


def _place(fault: dict[str, Any]) -> str:
    row, column = fault.get("row"), fault.get("column")
    return str(fault.get("pointer")) if row is None else f"row {row} {column or ''}".rstrip()


def _text(said: Any) -> str:
    if isinstance(said, dict):
        return f"{said.get('zh', '')} · {said.get('en', '')}"
    return str(said or "")
