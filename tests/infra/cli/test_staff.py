"""The first administrator, from the command line."""

import re

from tests.infra.cli.conftest import Counterfoil

LINK = re.compile(r"(staff-[0-9a-f-]{36}) joins by: http://\S+/desk/join\?token=[A-Za-z0-9_-]{43}\n")


async def test_an_administrator_is_invited_listed_and_gets_a_new_link(
    counterfoil: Counterfoil, database_url: str
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = counterfoil("staff", *arguments, database=database_url)
        return done.returncode, done.stdout, done.stderr

    code, told, _ = run("invite", "ada@shop.example", "--admin")
    found = LINK.fullmatch(told)
    assert (code, found is not None) == (0, True), told
    assert found is not None
    ada = found[1]
    assert run("list") == (0, f"{ada}  ada@shop.example  administrator (invited)\n", "")
    code, link, _ = run("link", ada)
    assert (code, link.startswith("http://"), link in told) == (0, True, False)
    assert run("remove-second-factor", ada) == (0, f"{ada} has no second factor any more.\n", "")
    code, _, why = run("invite", "ADA@shop.example", "--role", "till")
    assert (code, why.startswith("counterfoil: This address belongs to a member of staff already")) == (2, True)
    assert run("remove", ada, "--reason", "Mistyped") == (0, f"{ada} is not on the staff any more.\n", "")
    assert run("list") == (0, "", "")


async def test_what_cannot_be_done_is_said_in_one_line(counterfoil: Counterfoil, database_url: str) -> None:
    for arguments, words in (
        (("invite", "ada@shop.example"), "Say what the member may do"),
        (("invite", "ada", "--admin"), "EMAIL: 'ada' is no e-mail address."),
        (("invite", "ada@shop.example", "--role", "chief"), "There is no role chief."),
        (("link", "staff-nobody"), "There is no member of staff staff-nobody."),
        (("remove", "x", "--reason", "ada@shop.example left"), "--reason"),
    ):
        done = counterfoil("staff", *arguments, database=database_url)
        assert (arguments, done.returncode) == (arguments, 2)
        assert done.stderr.startswith("counterfoil: ")
        assert words in done.stderr
