"""docs/asyncapi.yaml holds to AsyncAPI 3 and to the code: topics, codecs, fields, examples."""

import json
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import yaml

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.command import CommandName
from firmware_protocols.kiosk.challenge import decode_challenge
from firmware_protocols.kiosk.wire import AskWire, ChallengeWire, CheckInWire, SignedWire
from firmware_protocols.recorder.decode import decode_ack as decode_recorder_ack
from firmware_protocols.recorder.wire import MediaWire, ReportWire, Upward
from firmware_protocols.topics import KINDS, device_topic, parse_topic
from firmware_protocols.wristband_bin.down_link import decode_down as decode_bin_down
from firmware_protocols.wristband_json.command import decode_down
from firmware_protocols.wristband_json.wire import ReplyBody, Row, Several

PAGE = yaml.safe_load((Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text())
HTTP_CODECS = {"osmand"}
MQTT_CODECS = {name for name, codec in CODECS.items() if codec.dialogue is None} - HTTP_CODECS
SAMPLE = {"org": "office-1", "kind": "wristband", "device": "wb-1", "phone": "phone"}
# AsyncAPI 3.0.0, "Schema": what each object may hold beside x-... extensions.
ALLOWED = {
    "root": "asyncapi id info servers defaultContentType channels operations components",
    "info": "title version description termsOfService contact license tags externalDocs",
    "server": "host protocol protocolVersion pathname description title summary variables "
    "security tags externalDocs bindings",
    "channel": "address messages title summary description servers parameters tags "
    "externalDocs bindings",
    "operation": "action channel title summary description security tags externalDocs bindings "
    "traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags "
    "externalDocs bindings examples traits",
    "parameter": "enum default description examples location",
    "example": "headers payload name summary",
    "components": "schemas servers channels operations messages securitySchemes serverVariables "
    "parameters correlationIds replies replyAddresses externalDocs tags operationTraits "
    "messageTraits serverBindings channelBindings operationBindings messageBindings",
    "reply": "address channel messages",
    "mqtt": "qos retain messageExpiryInterval bindingVersion",
}
# Of the wire's structures and the page's schemas, by name.
FIELDS = {
    "kioskCheckIn": CheckInWire,
    "kioskSignedCheckIn": SignedWire,
    "kioskAsk": AskWire,
    "kioskChallenge": ChallengeWire,
    "recorderEntries": Upward,
    "recorderReport": ReportWire,
    "recorderMedia": MediaWire,
    "wristbandJsonRow": Row,
}


def resolved(value):
    """Return what a reference within the page leads to, or the value itself."""
    while isinstance(value, dict) and "$ref" in value:
        target = PAGE
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        value = target
    return value


def objects():
    yield "root", PAGE
    yield "info", PAGE["info"]
    yield "components", PAGE["components"]
    for kind, listed in (
        ("server", PAGE["servers"]),
        ("channel", PAGE["channels"]),
        ("operation", PAGE["operations"]),
        ("message", PAGE["components"]["messages"]),
        ("parameter", PAGE["components"]["parameters"]),
    ):
        for value in listed.values():
            yield kind, value
    for operation in PAGE["operations"].values():
        yield "mqtt", operation["bindings"]["mqtt"]
        if "reply" in operation:
            yield "reply", operation["reply"]
    for message in PAGE["components"]["messages"].values():
        for example in message["examples"]:
            yield "example", example


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_page_is_of_version_3_and_says_who_it_is():
    assert re.fullmatch(r"3\.\d+\.\d+", PAGE["asyncapi"])
    assert {"title", "version"} <= PAGE["info"].keys()
    for server in PAGE["servers"].values():
        assert {"host", "protocol"} <= server.keys()
        assert set(re.findall(r"\{(\w+)\}", server["host"])) == server["variables"].keys()


def test_no_object_has_a_field_that_the_standard_does_not_know():
    for kind, value in objects():
        known = set(ALLOWED[kind].split())
        assert {name for name in value if not name.startswith("x-")} <= known, kind


def test_every_reference_leads_somewhere():
    for reference in references(PAGE):
        assert reference.startswith("#/")
        assert resolved({"$ref": reference}) is not None
    for part in PAGE["components"].values():
        assert all(re.fullmatch(r"[\w.-]+", name) for name in part)


def test_nothing_is_defined_that_nobody_refers_to():
    used = set(references(PAGE))
    for kind, part in PAGE["components"].items():
        unused = {name for name in part if f"#/components/{kind}/{name}" not in used}
        assert unused == set(), kind


def test_a_channels_parameters_are_those_of_its_address():
    for channel in PAGE["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == channel["parameters"].keys()


def test_an_operation_speaks_of_messages_of_its_channel():
    for operation in PAGE["operations"].values():
        assert operation["action"] in ("send", "receive")
        for place in (operation, operation.get("reply")):
            if place is not None:
                channel = place["channel"]["$ref"]
                messages = [message["$ref"] for message in place["messages"]]
                assert messages
                assert all(ref.startswith(f"{channel}/messages/") for ref in messages)


def test_every_message_of_a_channel_has_its_operation():
    spoken = {
        message["$ref"]
        for operation in PAGE["operations"].values()
        for message in operation["messages"]
    }
    for name, channel in PAGE["channels"].items():
        if name != "status":  # the broker's matter: retained birth and will, nobody waits for it
            assert {f"#/channels/{name}/messages/{message}" for message in channel["messages"]} <= (
                spoken
            )


def test_a_correlation_id_is_a_field_of_the_examples():
    for message in PAGE["components"]["messages"].values():
        if "correlationId" in message:
            path = message["correlationId"]["location"].removeprefix("$message.payload#/")
            for example in message["examples"]:
                value = example["payload"]
                for step in path.split("/"):
                    value = value[step]
                assert value == "c-7Qm2"


@pytest.mark.parametrize("name", PAGE["channels"])
def test_an_address_is_a_topic_of_the_layout(name):
    topic = PAGE["channels"][name]["address"].format(**SAMPLE)
    if "/down/" in topic:
        codec = topic.rpartition("/")[2]
        assert topic == device_topic("office-1", "wristband", "wb-1", "down", codec)
        return
    parsed = parse_topic(topic)
    assert parsed.device == "wb-1"
    assert parsed.codec in CODECS or parsed.channel == "status"
    if parsed.org:
        assert topic == device_topic("office-1", "wristband", "wb-1", parsed.channel, parsed.codec)


def test_every_mqtt_codec_has_a_channel_up_and_one_down_if_it_is_answered():
    addresses = {channel["address"] for channel in PAGE["channels"].values()}
    head = "guitu/v1/{org}/{kind}/{device}"
    wanted = {"owntracks/{device}/{phone}", f"{head}/status", f"{head}/down/kiosk"}
    for name in MQTT_CODECS - {"owntracks"}:
        wanted.add(f"{head}/up/{name}")
        if CODECS[name].encode_ack or CODECS[name].encode_command:
            wanted |= {f"{head}/up-urgent/{name}", f"{head}/down/{name}"}
    assert addresses == wanted


def test_the_enumerations_are_those_of_the_code():
    schemas = PAGE["components"]["schemas"]
    assert schemas["alarm"]["enum"] == list(ALARM_BITS)
    assert set(PAGE["components"]["parameters"]["kind"]["enum"]) == KINDS
    command = schemas["wristbandJsonCommand"]["properties"]["cmd"]["properties"]
    assert set(command["name"]["enum"]) == set(get_args(CommandName))
    reply = schemas["wristbandJsonReply"]["properties"]["reply"]["properties"]
    assert reply.keys() == set(ReplyBody.__struct_encode_fields__)
    head = schemas["wristbandJsonHead"]["properties"].keys() | {"reports"}
    assert head == set(Several.__struct_encode_fields__)


@pytest.mark.parametrize("name", FIELDS)
def test_a_schema_has_the_fields_and_bounds_of_the_code(name):
    told = PAGE["components"]["schemas"][name]
    (_, made) = msgspec.json.schema_components([FIELDS[name]])
    wanted = made[FIELDS[name].__name__]
    assert told["properties"].keys() == wanted["properties"].keys()
    assert set(told["required"]) == set(wanted["required"])
    for field, wish in wanted["properties"].items():
        assert bounds(told["properties"][field]) == bounds(wish), field


def bounds(schema):
    """Return what limits a value; bytes, null and references have limits of their own."""
    if "anyOf" in schema and {"type": "null"} in schema["anyOf"]:
        (schema,) = (each for each in schema["anyOf"] if each != {"type": "null"})
    if "contentEncoding" in schema or schema.get("format") == "binary":
        return "binary"
    kept = (
        "minimum", "maximum", "exclusiveMaximum", "minItems", "maxItems", "minLength", "maxLength",
        "maxProperties",
    )  # fmt: skip
    limits = {key: schema[key] for key in kept if key in schema}
    if "enum" in schema:
        limits["enum"] = sorted(schema["enum"])
    elif "type" in schema:
        limits["type"] = schema["type"]
    if "pattern" in schema:
        limits["pattern"] = schema["pattern"].replace(r"\Z", "$")
    if schema.get("default") not in (None, (), [], {}, ""):
        limits["default"] = schema["default"]
    return limits


def as_sent(message, example):
    """Return the bytes of an example."""
    kind, payload = message["contentType"], example["payload"]
    if kind == "application/msgpack":
        return bytes.fromhex(message["x-hex"][example["name"]])
    if kind == "application/octet-stream":
        return bytes.fromhex(payload)
    return payload.encode() if kind == "text/plain" else json.dumps(payload).encode()


def in_hex(value):
    if isinstance(value, dict):
        return {key: in_hex(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_hex(inner) for inner in value]
    return value.hex() if isinstance(value, bytes) else value


DOWN = {
    "wristband-json": decode_down,
    "wristband-bin": decode_bin_down,
    "recorder": decode_recorder_ack,
    "kiosk": decode_challenge,
}
EXAMPLES = [
    pytest.param(channel, name, example, id=f"{key}-{example['name']}")
    for key, channel in PAGE["channels"].items()
    for name in channel["messages"]
    for example in PAGE["components"]["messages"][name]["examples"]
]


@pytest.mark.parametrize(("channel", "name", "example"), EXAMPLES)
def test_an_example_decodes_in_its_channels_codec(channel, name, example):
    data = as_sent(PAGE["components"]["messages"][name], example)
    codec = channel["address"].rpartition("/")[2].replace("{phone}", "owntracks")
    if codec == "status":
        assert data.decode() in PAGE["components"]["schemas"]["status"]["enum"]
    elif "/down/" in channel["address"]:
        assert DOWN[codec](data)
    else:
        messages = CODECS[codec].open(Context(device="wb-1"))(data)
        assert messages
        assert all(message.device == "wb-1" for message in messages)


def test_the_hex_of_a_messagepack_example_is_its_payload():
    for message in PAGE["components"]["messages"].values():
        if message["contentType"] == "application/msgpack":
            for example in message["examples"]:
                value = msgspec.msgpack.decode(as_sent(message, example))
                assert in_hex(value) == example["payload"]
