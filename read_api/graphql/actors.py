"""What the actors of events are called: members of staff and programs, for administrators."""

from asyncio import gather
from collections.abc import Iterable, Mapping

from domain.api_key.events import SUBJECT_OF_KEY
from domain.shared.personal import Sealed
from projections import staff
from projections.engine.ports import Tables
from projections.staff import StaffMember
from read_api.ports import Vault

STAFF = "staff:"
"""How the metadata of events writes a member of staff, with the subject behind."""


async def names_of(actors: Iterable[str], tables: Tables, vault: Vault) -> Mapping[str, str]:
    """Names of members, or else their addresses; names of API keys. Others, and who was forgotten, have none."""
    wanted = set(actors)
    members = await staff.by_subjects(tables, [it.removeprefix(STAFF) for it in wanted if it.startswith(STAFF)])
    names = await gather(*(_name(member, vault) for member in members.values()))
    keys = await staff.names_of_keys(
        tables, [it.removeprefix(SUBJECT_OF_KEY) for it in wanted if it.startswith(SUBJECT_OF_KEY)]
    )
    return {
        **{f"{STAFF}{subject}": name for subject, name in zip(members, names, strict=True) if name is not None},
        **{f"{SUBJECT_OF_KEY}{key_id}": name for key_id, name in keys.items()},
    }


async def _name(member: StaffMember, vault: Vault) -> str | None:
    return await _opened(member.name, vault) or await _opened(member.email, vault)


async def _opened(sealed: Sealed | None, vault: Vault) -> str | None:
    plain = None if sealed is None else await vault.open(sealed)
    return None if plain is None else plain.decode()
