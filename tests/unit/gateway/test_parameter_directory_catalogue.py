"""The server checks rule sets by the catalogue that the gateway has."""

import json

from tests.vectors.uplink.make_parameters import FILE, catalogue


def test_the_servers_catalogue_is_the_gateways():
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    assert kept == catalogue(), "run python tests/vectors/uplink/make_parameters.py"
