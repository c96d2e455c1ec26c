"""Requests made by us, whole record by whole record."""

import json
from pathlib import Path

import msgspec
import pytest

from firmware_protocols import errors
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.message import Report
from firmware_protocols.osmand.encode import encode, encode_body

VECTORS = Path(__file__).parents[3] / "vectors" / "osmand" / "frames.json"
ROWS = json.loads(VECTORS.read_text())
SOUND = [row for row in ROWS if "messages" in row]
BY_NAME = pytest.mark.parametrize("row", SOUND, ids=lambda row: row["name"])


def decode(payload):
    return CODECS["osmand"].open(Context())(payload)


def builtins(messages):
    return json.loads(msgspec.json.encode(messages))


@BY_NAME
def test_a_request_says_what_its_parameters_say(row):
    assert builtins(decode(row["text"].encode())) == row["messages"]


@pytest.mark.parametrize("row", [row for row in ROWS if "error" in row], ids=lambda r: r["name"])
def test_a_request_that_names_no_device_is_refused(row):
    with pytest.raises(getattr(errors, row["error"])) as caught:
        decode(row["text"].encode())
    assert caught.value.frame == row["text"].encode()


@pytest.mark.parametrize("row", [r for r in SOUND if r["text"][0] == "/"], ids=lambda r: r["name"])
@pytest.mark.parametrize(
    "form",
    ["GET {} HTTP/1.1", "POST {} HTTP/1.1\r\n", "http://gps.example:5055{}", "{}\n"],
)
def test_a_request_line_an_address_and_a_target_say_the_same(row, form):
    assert builtins(decode(form.format(row["text"]).encode())) == row["messages"]


@pytest.mark.parametrize("row", [r for r in SOUND if r["text"][0] == "/"], ids=lambda r: r["name"])
def test_a_bare_query_string_says_the_same(row):
    assert builtins(decode(row["text"].partition("?")[2].encode())) == row["messages"]


@BY_NAME
def test_what_a_request_says_is_encoded_to_a_request_that_says_it(row):
    (report,) = decode(row["text"].encode())
    if not isinstance(report, Report):
        return
    write = encode_body if row["text"][0] == "{" else encode
    (again,) = decode(write(report))
    assert msgspec.structs.replace(again, seq=report.seq) == report
