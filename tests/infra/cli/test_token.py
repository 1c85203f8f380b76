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
