"""Settings come from the environment, and mistakes are told apart from wishes."""

from pathlib import Path
from tempfile import mkdtemp

import pytest
from pydantic import ValidationError

from infra.default_folders import default_cache, default_data
from infra.settings import Settings


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert (settings.write_port, settings.read_port, settings.currency) == (8000, 8001, "USD")
    assert settings.warehouses == ("MAIN",)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_WRITE_PORT", "9000")
    monkeypatch.setenv("COUNTERFOIL_WAREHOUSES", '["NORTH", "SOUTH"]')
    settings = Settings()
    assert (settings.write_port, settings.warehouses) == (9000, ("NORTH", "SOUTH"))


def test_a_port_beyond_all_ports_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_READ_PORT", "70000")
    with pytest.raises(ValidationError, match="read_port"):
        Settings()


@pytest.mark.parametrize("code", ["XXQ", "XAU", "usd", "EU"])
def test_the_shops_currency_is_one_in_use(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setenv("COUNTERFOIL_CURRENCY", code)
    with pytest.raises(ValidationError, match="use the ISO 4217 code of a currency in use, such as EUR"):
        Settings()


def test_a_log_that_only_one_process_sees_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_EVENT_STORE", "memory://")
    with pytest.raises(ValidationError, match="a shop has several"):
        Settings()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kafka_security": "TLS"}, "String should match pattern"),
        ({"kafka_security": "SSL", "kafka_key": "key.pem"}, "KAFKA_CERTIFICATE and COUNTERFOIL_KAFKA_KEY go together"),
        ({"kafka_ca": "ca.pem"}, "KAFKA_SECURITY=PLAINTEXT uses no certificates; choose SSL or SASL_SSL"),
        (
            {"kafka_security": "SASL_SSL", "kafka_user": "shop"},
            "needs COUNTERFOIL_KAFKA_USER and COUNTERFOIL_KAFKA_PASS",
        ),
        ({"kafka_security": "SSL", "kafka_password": "p"}, "KAFKA_SECURITY=SSL sends no user or password"),
        (
            {"kafka_security": "SASL_PLAINTEXT", "kafka_sasl": "PLAIN", "kafka_user": "a", "kafka_password": "p"},
            "shows the password to the network",
        ),
    ],
)
def test_what_secures_kafka_has_to_fit_together(given: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(**given)  # type: ignore[arg-type]


def test_lists_are_written_by_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")
    monkeypatch.setenv("COUNTERFOIL_CORS_ORIGINS", "https://shop.example,http://localhost:3000,http://[::1]:3000")
    settings = Settings()
    assert settings.trusted_proxies == ("10.0.0.0/8", "2001:db8::1")
    assert settings.cors_origins == ("https://shop.example", "http://localhost:3000", "http://[::1]:3000")
    monkeypatch.setenv("COUNTERFOIL_CORS_ORIGINS", "")
    assert Settings().cors_origins == ()


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://Shop.example",
        "shop.example",
        "https://shop.example\nX: y",
        "ftp://shop.example",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin as browsers send it; use https://shop"):
        Settings(cors_origins=(origin,))


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("proxy.example", "use addresses and networks such as"),
        ("10.0.0.1/8", "has host bits set"),
        ("0.0.0.0/0", "would trust every address"),
        ("::/0", "would trust every address"),
    ],
)
def test_a_proxy_that_is_no_network_is_refused(proxy: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(trusted_proxies=(proxy,))


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_TOKEN_SECRET", "thirty-two bytes of a real secret")
    assert "thirty-two" not in repr(Settings())


def test_root_in_a_closed_folder_keeps_its_data_where_postgresql_may_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    monkeypatch.chdir(closed)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_data().parent == Path("/var/lib/counterfoil")


def test_others_keep_their_data_beside_their_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert default_data() == tmp_path / ".data"


def test_folders_are_meant_from_where_the_command_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERFOIL_SERVICES_CACHE", "cache")
    settings = Settings(data=Path("shop"))
    assert (settings.data, settings.services_cache) == (tmp_path / "shop", tmp_path / "cache")


@pytest.mark.parametrize(("mode", "there"), [(0o755, True), (0o700, False)])
def test_root_keeps_programs_in_the_cache_that_is_set_if_servers_may_look_there(
    monkeypatch: pytest.MonkeyPatch, mode: int, there: bool
) -> None:
    place = Path(mkdtemp())
    place.chmod(mode)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_cache() == (place / "counterfoil" if there else Path("/var/cache/counterfoil"))
    place.rmdir()
