"""Officers on duty with a terminal, as they answer what the gateway tells them by itself."""

import asyncio
import json
from contextlib import contextmanager

from gateway.journal.entry import LOCAL
from gateway.journal.telling import Telling, decode_tellings
from tests.gateway.place import DAY_MS, ORG, directory_body, journal_of, now_ms, text, topic
from tests.services.mqtt_client import TestClient


def duty_body(**change) -> bytes:
    """The tests' directory with two terminals, of which `ot-1` is on duty."""
    body = json.loads(directory_body())
    since, until = text(now_ms() - DAY_MS), text(now_ms() + DAY_MS)
    for device in ("ot-1", "ot-2"):
        row = {"device": device, "org": ORG, "kind": "terminal", "expected_interval_s": 60}
        body["devices"].append(row)
        held = {"device": device, "holder_kind": "officer", "holder": f"of-{device}"}
        body["bindings"].append(held | {"valid_from": since, "valid_to": None})
    body["on_duty"] = [{"org": ORG, "device": "ot-1", "valid_from": since, "valid_to": until}]
    return json.dumps(body | change).encode()


class Terminal:
    """A terminal that listens, and somebody before it."""

    def __init__(self, client: TestClient, device: str) -> None:
        self._client = client
        self._device = device

    async def alert(self) -> dict:
        """Return the next alert that is shown."""
        while True:
            said = json.loads((await asyncio.to_thread(self._client.next, 30)).payload)
            if "alert" in said:
                return said["alert"]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was shown since."""
        return self._client.heard.empty()

    def see(self, alert: str) -> None:
        answer = {"to": alert, "ok": True, "step": "seen"}
        payload = json.dumps({"v": 1, "reply": answer}).encode()
        self._client.publish_all(topic(self._device, kind="terminal"), [payload])


@contextmanager
def terminal(broker, device):
    account = broker.add_device(device, org=ORG, kind="terminal")
    with TestClient(broker, account) as client:
        client.subscribe(topic(device, kind="terminal", channel="down"), qos=0)
        yield Terminal(client, device)


def tellings(settings) -> list[Telling]:
    """What the journal says of whom was told and who has seen."""
    with journal_of(settings) as journal:
        entries = journal.read_kind(LOCAL, 1, journal.newest_seq())
    return [one for entry in entries for one in decode_tellings(entry.body)]
