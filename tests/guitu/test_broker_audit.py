"""`guitu broker audit`: which accounts have a default, shared, weak or unchanged credential."""

import json

import pytest
from click.testing import CliRunner

from guitu.brokers import emqx, mosquitto, nats
from guitu.brokers.account_files import kept_accounts
from guitu.brokers.accounts import Account, DeviceRow, device_account, gateway_account
from guitu.brokers.credential_audit import Expected, weaknesses
from guitu.brokers.default_logins import DEFAULT_LOGINS
from guitu.cli import main
from guitu.embedded.ports import free_port
from tests.services.broker import MosquittoService, NatsService, mosquitto_is_here

KINDS = ("nats", "mosquitto", "emqx")
KEY = "k" * 43
GATEWAY = gateway_account("gateway-gw-1", "g" * 43)
DEVICES = [
    {"device": "wb-1", "org": "office-1", "kind": "wristband"},
    {"device": "ph-1", "org": "office-1", "kind": "phone"},
]


def device(name, kind="wristband", generation=0):
    return device_account(DeviceRow(name, "office-1", kind, generation), KEY.encode())


def other(user, password):
    return Account(user, password, publish=(), subscribe=())


def write(kind, folder, accounts):
    if kind == "nats":
        listen = f"127.0.0.1:{free_port()}"
        place = nats.NatsSettings(store=folder, mqtt_listen=listen, client_listen=listen)
        folder.mkdir(exist_ok=True)
        (folder / "nats.conf").write_text(nats.render(place, accounts))
    elif kind == "mosquitto":
        here = mosquitto.MosquittoSettings(folder=folder, host="127.0.0.1", port=1883)
        mosquitto.render(here, accounts).write(folder)
    else:
        there = emqx.EmqxSettings(folder=folder, host="127.0.0.1", port=1883)
        emqx.render(there, accounts).write(folder)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def audited(tmp_path):
    """Return a call: audit accounts of a kind of broker; the exit code and what is found."""
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "gateway").write_text(GATEWAY.password)
    (tmp_path / "registry.json").write_text(json.dumps({"devices": DEVICES}))

    def audit(kind, accounts=None, *more):
        folder = tmp_path / "broker"
        if accounts is not None:
            write(kind, folder, accounts)
        words = ["broker", "audit", "--kind", kind, "--folder", str(folder), "--json"]
        words += ["--gateway-password-file", str(tmp_path / "gateway")]
        if "--bare" not in more:
            words += ["--registry", str(tmp_path / "registry.json")]
            words += ["--device-key-file", str(tmp_path / "key")]
        result = CliRunner().invoke(main, words + [word for word in more if word != "--bare"])
        assert result.exit_code in (0, 1), result.output
        said = json.loads(result.stdout)
        assert said["ok"] == (result.exit_code == 0)
        return result.exit_code, [(one["user"], one["what"]) for one in said["found"]]

    return audit


def test_a_site_as_it_is_made_has_no_fault_and_is_told_what_was_never_changed(kind, audited):
    code, found = audited(kind, [GATEWAY, device("ph-1", "phone"), device("wb-1")])
    assert (code, found) == (0, [("ph-1", "never_rotated"), ("wb-1", "never_rotated")])


@pytest.mark.parametrize("generations", [(1,), (0, 1)])
def test_a_credential_that_was_changed_is_not_told_of(tmp_path, generations):
    accounts = [device("wb-1", generation=one) for one in generations]
    write("mosquitto", tmp_path, accounts)
    kept = kept_accounts("mosquitto", tmp_path)
    assert not list(weaknesses(kept, Expected(devices={one.user: one for one in accounts})))


def test_each_bad_credential_is_named_with_its_account(kind, audited):
    accounts = [
        GATEWAY,
        other("admin", "public"),
        other("wb-1", "wb-1"),
        other("ph-1", GATEWAY.password),
        other("left", "n" * 43),
    ]
    code, found = audited(kind, accounts)
    assert code == 1
    assert found[:-2] == [
        ("admin", "default"),
        ("admin", "stranger"),
        ("wb-1", "weak"),
        ("wb-1", "foreign"),
        ("ph-1", "shared"),
        ("ph-1", "foreign"),
        ("left", "stranger"),
    ]


def test_without_the_registry_only_what_the_file_tells_is_said(kind, audited):
    assert audited(kind, [GATEWAY, other("left", "n" * 43)], "--bare") == (0, [])


def test_a_credential_that_the_broker_does_not_know_is_a_note(kind, audited):
    code, found = audited(kind, [GATEWAY, device("wb-1")])
    assert (code, found) == (0, [("ph-1", "missing"), ("wb-1", "never_rotated")])


def test_a_password_in_the_clear_an_unknown_hash_and_one_twice_are_faults(audited, tmp_path):
    write("mosquitto", tmp_path / "broker", [GATEWAY])
    path = tmp_path / "broker" / "passwords"
    line = path.read_text().strip()
    secret = line.partition(":")[2]
    path.write_text(f"{line}\nplain:{'p' * 30}\nodd:$9$x\ntwin:{secret}\n")
    code, found = audited("mosquitto", None, "--bare")
    assert code == 1
    assert found == [
        ("gateway-gw-1", "shared"),
        ("plain", "weak"),
        ("odd", "unreadable"),
        ("twin", "shared"),
        ("twin", "shared"),
    ]


def test_a_superuser_of_emqx_is_a_fault(audited, tmp_path):
    write("emqx", tmp_path / "broker", [GATEWAY])
    path = tmp_path / "broker" / "users.csv"
    path.write_text(path.read_text().replace("false", "true"))
    assert audited("emqx", None, "--bare") == (1, [("gateway-gw-1", "superuser")])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("mosquitto", ("mosquitto.conf", "allow_anonymous false", "allow_anonymous true")),
        ("emqx", ("emqx.conf", "authentication = [{", "other = [{")),
    ],
)
def test_a_file_that_lets_anybody_in_is_a_fault(audited, tmp_path, kind, change):
    name, said, instead = change
    write(kind, tmp_path / "broker", [GATEWAY])
    path = tmp_path / "broker" / name
    path.write_text(path.read_text().replace(said, instead))
    assert audited(kind, None, "--bare") == (1, [("", "anonymous")])


def test_a_short_password_of_the_gateway_is_weak(audited, tmp_path):
    (tmp_path / "gateway").write_text("short")
    write("nats", tmp_path / "broker", [other("gateway-gw-1", "short")])
    assert audited("nats", None, "--bare") == (1, [("gateway-gw-1", "weak")])


def test_a_folder_without_accounts_is_refused_in_one_line(tmp_path):
    words = ["broker", "audit", "--kind", "emqx", "--folder", str(tmp_path)]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "users.csv: No such file or directory; give the broker's folder" in result.stderr


@pytest.mark.parametrize("service_of", [NatsService, MosquittoService])
def test_a_running_broker_is_tried_with_the_well_known_logins(audited, tmp_path, service_of):
    if service_of is MosquittoService and not mosquitto_is_here():
        pytest.skip("Mosquitto is absent, the one optional part: apt-get install mosquitto")
    service = service_of(tmp_path / "running")
    service._accounts.append(other("guest", "guest"))
    service._take_over() if service_of is NatsService else service._write()
    service.start()
    try:
        place = f"{service.host}:{service.port}"
        assert audited("nats", [GATEWAY], "--bare", "--try", place) == (1, [("guest", "default")])
    finally:
        service.stop()


def test_every_well_known_login_says_where_it_is_from():
    assert len({(one.user, one.password) for one in DEFAULT_LOGINS.login}) >= 4
    assert all(one.source.startswith("https://") and one.of for one in DEFAULT_LOGINS.login)
