"""The other side of a device: listens like a gateway, and acknowledges when told to."""

import asyncio
import contextlib
from collections.abc import Callable

import aiomqtt

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.message import CheckIn, Reply, Report
from firmware_protocols.topics import BULK_FILTERS, URGENT_FILTERS, device_topic, parse_topic
from firmware_protocols.wristband_json.command import encode_command


class Listener:
    """Everything that devices said, in order of arrival."""

    def __init__(self, client):
        self._client = client
        self._news = asyncio.Condition()
        self.messages = []  # (topic, reports)
        self.replies = []
        self.checkins = []
        self.states = []  # (device, status)
        self.is_acknowledging = False

    @property
    def reports(self):
        return [report for _, reports in self.messages for report in reports]

    async def until(self, condition: Callable[[], bool]):
        """Return when the condition holds; asked after every message."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(condition), 20)

    async def command(self, identity, command):
        down = device_topic(identity.org, identity.kind, identity.device, "down", "wristband-json")
        await self._client.publish(down, encode_command(command))

    async def acknowledge(self, topic, reports):
        ranges = [(report.boot, report.seq, report.seq) for report in reports]
        down = device_topic(topic.org, topic.kind, topic.device, "down", topic.codec)
        await self._client.publish(down, CODECS[topic.codec].encode_ack(ranges))

    async def listen(self):
        async for message in self._client.messages:
            topic = parse_topic(str(message.topic))
            if topic.channel == "status":
                self.states.append((topic.device, message.payload.decode()))
            else:
                said = CODECS[topic.codec].open(Context(device=topic.device))(message.payload)
                self.replies += [found for found in said if isinstance(found, Reply)]
                self.checkins += [found for found in said if isinstance(found, CheckIn)]
                reports = [found for found in said if isinstance(found, Report)]
                if reports:
                    self.messages.append((topic, reports))
                if reports and self.is_acknowledging and CODECS[topic.codec].encode_ack is not None:
                    await self.acknowledge(topic, reports)
            async with self._news:
                self._news.notify_all()


@contextlib.asynccontextmanager
async def listening(broker):
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.gateway.user,
        password=broker.gateway.password,
        identifier="gateway-stand-in",
    )
    async with client:
        filters = (*BULK_FILTERS, *URGENT_FILTERS)
        await client.subscribe([(pattern, 1) for pattern in filters])
        listener = Listener(client)
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await task
