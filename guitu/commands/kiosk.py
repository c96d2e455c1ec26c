"""`guitu sim kiosk`: people who check in at a kiosk, and attackers who try to."""

import asyncio
import hashlib
import itertools
import json
import time
from pathlib import Path

import click

from device_sims.errors import SimError
from device_sims.kiosk.attacks import ATTACKS, Attack
from device_sims.kiosk.camera import portrait
from device_sims.kiosk.link import Line, challenges, deliver
from device_sims.kiosk.staging import answering, attempts, stage_all
from firmware_protocols.errors import DecodeError
from guitu.sim_options import FILE, BrokerAddress
from server.errors import SettingsError
from server.signing.keys import read_key


@click.command("kiosk")
@click.argument("images", type=FILE, nargs=-1, required=True, metavar="IMAGE...")
@click.option(
    "--broker", type=BrokerAddress(), required=True, help="MQTT broker.", metavar="HOST:PORT"
)
@click.option("--device-key-file", type=FILE, required=True, help="The site's device key.")
@click.option("--device", required=True, help="The kiosk.")
@click.option("--org", required=True, help="Organisation in the kiosk's topics.")
@click.option("--token", required=True, help="Of the card or code; from `guitu face enrol`.")
@click.option(
    "--key-file", type=FILE,
    help="The kiosk's own private key (Ed25519, PEM, mode 600); attempts are signed by it.",
)  # fmt: skip
@click.option(
    "--challenged", is_flag=True,
    help="Ask the gateway what the person is to do; its camera file has `challenge_s`.",
)  # fmt: skip
@click.option("--attack", type=click.Choice(ATTACKS), help="Default: the person, honestly.")
@click.option(
    "--offline-s", type=click.FloatRange(0, 86_400), default=0.0, show_default=True,
    help="Seconds without link after the attempts were made.",
)  # fmt: skip
@click.option(
    "--lost-at", type=click.IntRange(min=1), multiple=True,
    help="The link is lost at the attempt of this number, from 1; repeatable.",
)  # fmt: skip
def kiosk(
    *,
    images: tuple[Path, ...],
    broker: tuple[str, int],
    device_key_file: Path,
    device: str,
    org: str,
    token: str,
    key_file: Path | None,
    challenged: bool,
    attack: Attack | None,
    offline_s: float,
    lost_at: tuple[int, ...],
) -> None:
    """Check in with each IMAGE at a simulated kiosk; one JSON object per attempt."""
    host, port = broker
    now_ms = time.time_ns() // 1_000_000
    prefix = f"k{now_ms:x}"
    key = device_key_file.read_text(encoding="utf-8").strip().encode()
    try:
        sign = None if key_file is None else read_key(key_file, setting="--key-file").sign
        line = Line(host=host, port=port, site_key=key, org=org, device=device, sign=sign)
        made = stage_all(map(portrait, images), attack, run=prefix)
        staged = list(itertools.chain.from_iterable(made))
        if challenged:
            asked = asyncio.run(challenges({one.nonce.hex() for one in staged}, line))
            staged = answering(staged, {ask: (one.nonce, one.kind) for ask, one in asked.items()})
        said = attempts(staged, device=device, token=token, prefix=prefix, now_ms=now_ms)
        if offline_s:
            time.sleep(offline_s)
        sent = asyncio.run(deliver(said, line, lost_at=lost_at))
    except (SimError, DecodeError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    files = [file for file, of_file in zip(images, made, strict=True) for _ in of_file]
    for file, one, attempt in zip(files, staged, said, strict=True):
        shown = {
            "attempt": attempt.attempt,
            "image": file.name,
            "attack": one.attack,
            "asked_ms": attempt.challenge_time_ms,
            "answered_ms": attempt.response_time_ms,
            "nonce": one.nonce.hex(),
            "live": one.evidence,
            "bytes": len(one.image),
            "sha256": hashlib.sha256(one.image).hexdigest(),
            "sent": sent[attempt.attempt],
        }
        click.echo(json.dumps(shown))
