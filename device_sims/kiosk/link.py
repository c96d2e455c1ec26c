"""A kiosk's link to the broker: what was not taken is kept, and sent again as the same bytes."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from device_sims.errors import LinkError
from firmware_protocols.credential import device_password
from firmware_protocols.kiosk.challenge import Challenge, decode_challenge, encode_ask
from firmware_protocols.kiosk.encode import encode
from firmware_protocols.message import CheckIn
from firmware_protocols.topics import device_topic

_CODEC: Final = "kiosk"
_TIMEOUT_S: Final = 10.0
_WAIT_S: Final = 0.5
_WAIT_MAX_S: Final = 8.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """Where a kiosk delivers.

    Attributes:
        host: Of the broker.
        port: Likewise.
        site_key: Passwords are made of it.
        org: Organisation in the kiosk's topics.
        device: The kiosk.
        sign: Gives the signature of some bytes by the kiosk's own key; None: it has none.
        patience_s: How long it tries to come back before it gives up.
    """

    host: str
    port: int
    site_key: bytes
    org: str
    device: str
    sign: Callable[[bytes], bytes] | None = None
    patience_s: float = 60.0


async def deliver(
    attempts: Iterable[CheckIn], line: Line, *, lost_at: Collection[int] = ()
) -> dict[str, int]:
    """Deliver attempts in order and return how often each was sent, by its id.

    Args:
        attempts: All of the line's kiosk.
        line: Where to.
        lost_at: At the attempts of these numbers, from 1, the link is lost before the broker's
            acknowledgement arrives: once each, and the attempt is sent again.

    Raises:
        LinkError: The broker refuses the kiosk, or was away for longer than its patience.
        DecodeError: An attempt is not one that the codec carries.
    """
    held = deque(
        (number, one.attempt, encode(one, line.sign))
        for number, one in enumerate(attempts, start=1)
    )
    owed, sent = set(lost_at), Counter[str]()
    wait_s = _WAIT_S
    away_since_s = _now_s()
    while held:
        before = len(held)
        try:
            await _send(held, owed, sent, line)
        except MqttConnectError as error:
            raise LinkError(
                f"{line.host}:{line.port} refuses {line.device}: {error}; is it a kiosk of "
                f"{line.org} in the directory, and is the device key the site's?"
            ) from error
        except aiomqtt.MqttError as error:
            if len(held) < before:
                wait_s, away_since_s = _WAIT_S, _now_s()
            if _now_s() - away_since_s >= line.patience_s:
                raise LinkError(
                    f"{len(held)} attempts of {line.device} were not taken: no broker at "
                    f"{line.host}:{line.port} for {line.patience_s:g} s ({error})"
                ) from error
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _WAIT_MAX_S)
    return dict(sent)


async def challenges(asks: Iterable[str], line: Line) -> dict[str, Challenge]:
    """Ask the gateway for challenges and return them by request.

    Raises:
        LinkError: The broker refuses the kiosk or is away, or the gateway does not answer.
    """
    wanted, found = set(asks), dict[str, Challenge]()
    try:
        async with asyncio.timeout(line.patience_s), _connected(line) as client:
            await client.subscribe(device_topic(line.org, "kiosk", line.device, "down", _CODEC))
            up = device_topic(line.org, "kiosk", line.device, "up", _CODEC)
            for ask in sorted(wanted):
                await client.publish(up, encode_ask(ask), qos=1)
            async for message in client.messages:
                one = decode_challenge(bytes(message.payload))
                if one.ask in wanted:
                    found[one.ask] = one
                if len(found) == len(wanted):
                    return found
    except (aiomqtt.MqttError, TimeoutError) as error:
        raise LinkError(
            f"{line.device} got {len(found)} of {len(wanted)} challenges in {line.patience_s:g} s"
            f" ({error}); does its camera file at the gateway have `challenge_s`?"
        ) from error
    return found


async def _send(
    held: deque[tuple[int, str, bytes]], owed: set[int], sent: Counter[str], line: Line
) -> None:
    """Send what is held, until all is taken or the link is lost."""
    async with _connected(line) as client:
        topic = device_topic(line.org, "kiosk", line.device, "up", _CODEC)
        while held:
            number, attempt, payload = held[0]
            sent[attempt] += 1
            await client.publish(topic, payload, qos=1)
            if number in owed:
                owed.remove(number)
                return  # the acknowledgement was never heard
            held.popleft()


def _connected(line: Line) -> aiomqtt.Client:
    return aiomqtt.Client(
        line.host,
        line.port,
        username=line.device,
        password=device_password(line.site_key, line.device),
        identifier=line.device,
        clean_session=False,
        timeout=_TIMEOUT_S,
    )


def _now_s() -> float:
    return asyncio.get_running_loop().time()
