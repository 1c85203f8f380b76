"""`counterfoil token`: who may do what, signed with the secret of the shop."""

from pathlib import Path

from infra.bootstrap import composition
from infra.bootstrap.data_folder import with_secrets
from infra.settings import Settings
from tests.infra.cli.conftest import Counterfoil


def test_a_token_speaks_for_somebody_in_some_roles(counterfoil: Counterfoil, tmp_path: Path) -> None:
    done = counterfoil("token", "--role", "shopper", "--role", "auditor", "--subject", "ann")
    caller = composition.tokens(with_secrets(Settings(data=tmp_path / "data"))).verify(done.stdout.strip())
    assert (done.returncode, caller.subject, sorted(caller.roles)) == (0, "ann", ["auditor", "shopper"])


def test_nobody_is_called_by_an_address_for_ever(counterfoil: Counterfoil) -> None:
    done = counterfoil("token", "--role", "shopper", "--subject", "anna@example.com")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--subject: there is an e-mail address in it, and it is kept for ever." in done.stderr
