"""Functions that are written out for a selection."""

from types import SimpleNamespace
from typing import Any

import pytest

from read_api.engine.codegen import Read, Writer
from read_api.engine.plain import NotPlain


def upper(value: Any, _run: Any) -> Any:
    return None if value is None else value.upper()


def test_fields_are_read_in_the_order_of_their_keys_and_those_that_come_later_are_put_there() -> None:
    def put(source: Any, run: Any, found: dict[str, Any]) -> None:
        found["later"] = (source.name, run)

    reads = [
        Read("b", "name", str, upper),
        Read("a", lambda source: source.name, None, upper),
        Read("c", "none", str, upper),
    ]
    keys = {"later": None, "__typename": "Thing", "c": None, "b": None, "a": None}
    selected = Writer().selection(keys, reads, [put])
    found = selected(SimpleNamespace(name="tea", none=None), "run")
    assert list(found.items()) == [
        ("later", ("tea", "run")),
        ("__typename", "Thing"),
        ("c", None),
        ("b", "tea"),
        ("a", "TEA"),
    ]


def test_no_two_answers_share_a_dict() -> None:
    selected = Writer().selection({"__typename": "Thing"}, [], [])
    assert selected(None, None) is not selected(None, None)


@pytest.mark.parametrize("key", ["'}, 1/0, {'", '"', "\\", "\n    1/0", "{source}", "💥"])
def test_a_key_is_a_text_whatever_it_holds(key: str) -> None:
    read = [Read(key, "name", str, upper)]
    assert Writer().selection({key: None}, read, [])(SimpleNamespace(name=key), None) == {key: key}
    assert Writer().selection({"known": key}, [], [])(None, None) == {"known": key}


@pytest.mark.parametrize("attribute", ["", "a.b", "a; b", "a()", "a\nb"])
def test_an_attribute_is_a_name(attribute: str) -> None:
    with pytest.raises(AssertionError):
        Writer().selection({"key": None}, [Read("key", attribute, str, upper)], [])


def test_a_class_is_looked_at_once_and_what_does_not_fit_is_refused_each_time() -> None:
    seen = list[Any]()

    def fits(value: Any) -> bool:
        seen.append(value)
        return isinstance(value, str)

    writer = Writer()
    writer.admit(fits)
    selected = writer.selection({"key": None}, [Read("key", "__class__", None, lambda it, _: it.__name__)], [])
    assert [selected(it, None) for it in ("a", "b")] == [{"key": "str"}] * 2
    for _ in range(2):
        with pytest.raises(NotPlain):
            selected(7, None)
    assert seen == ["a", 7, 7]


def test_none_is_let_through_before_classes_are_looked_at() -> None:
    writer = Writer()
    writer.let_none_through()
    writer.admit(lambda value: value is not None)
    assert writer.selection({"key": "text"}, [], [])(None, None) is None
