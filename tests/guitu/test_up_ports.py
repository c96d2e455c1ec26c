import pytest

from guitu.errors import PortTakenError
from guitu.up.settings import UpSettings


@pytest.mark.parametrize("offset", [0, 2, 3, 4, 5, 6, 7])
def test_mqtt_may_not_have_a_port_of_another_part(tmp_path, offset):
    settings = UpSettings(
        data=tmp_path,
        host="127.0.0.1",
        port=23_000,
        mqtt_port=23_000 + offset,
        tcp_host="127.0.0.1",
        with_sims=False,
        devices=None,
    )
    with pytest.raises(PortTakenError, match="--mqtt-port"):
        settings.require_free_ports()
