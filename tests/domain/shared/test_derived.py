"""Ids that follow from other ids."""

from uuid import UUID, SafeUUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.derived import derived_id


@given(st.uuids(), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_derived_id_is_the_name_based_id_of_the_standard(parent: UUID, name: str) -> None:
    derived, known = derived_id(parent, name), uuid5(parent, name)

    assert (derived, str(derived), hash(derived)) == (known, str(known), hash(known))
    assert (derived.version, derived.variant, derived.is_safe) == (5, known.variant, SafeUUID.unknown)
