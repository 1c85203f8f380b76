"""A shop that was closed is copied and moved, and each folder is a shop of its own."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.shop import ROOT, counterfoil
from tests.e2e.test_up import CHECKOUT, open_shop, order_mugs, place_an_order


def test_a_copied_shop_is_another_shop_and_a_moved_one_the_same() -> None:
    with TemporaryDirectory(prefix="counterfoil-closed-") as closed:
        original, copy, moved = (Path(closed) / name / "data" for name in ("original", "copy", "moved"))
        for folder in (original, copy, moved):
            folder.parent.mkdir()
        with open_shop(original) as (program, client):
            order = place_an_order(client)
            assert program.stop() == 0
        subprocess.run(["cp", "-a", original, copy], check=True)
        with open_shop(original):
            checked = counterfoil("check", "--data", str(copy))
            assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")
            with open_shop(copy) as (_, client):
                of_the_copy = order_mugs(client)
        original.rename(moved)
        relative = os.path.relpath(moved, ROOT)
        checked = counterfoil("check", "--data", relative)
        assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")
        assert not original.exists()
        with open_shop(moved) as (_, client):
            assert client.ask(CHECKOUT, "back_office", id=order)["checkout"]["phase"] == "PLACED"
            assert client.ask(CHECKOUT, "back_office", id=of_the_copy)["checkout"] is None
