"""Texts of the shop: all of them are listed, none stands in a template as it is, and what is no words survives."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, Comment, Doctype
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from web.texts.languages import FOLDER, KEPT, TEMPLATE, in_pseudo, known_languages, pseudo, translations
from web.texts.languages.collect import collected, written

TEMPLATES = Path(str(files("web"))) / "templates"
OURS = sorted(it.relative_to(TEMPLATES).as_posix() for it in TEMPLATES.rglob("*.html") if "back_office" not in it.parts)
OF_THE_DESK = {"parts/job.html", "parts/proof.html"}
SHOWN = ("aria-label", "placeholder", "title", "alt", "content", "data-away", "data-busy", "data-failed")
NO_WORDS = {"width=device-width, initial-scale=1", "noindex", "light dark"}
"""Contents of `meta` for browsers and search engines."""

WORDS = re.compile(r"[^\W\d_]{2}")


def test_the_list_of_texts_is_what_templates_and_code_say() -> None:
    assert (FOLDER / TEMPLATE).read_bytes() == written(), "python -m web.texts.languages.collect"
    assert len(collected()) > 300


@pytest.mark.parametrize("name", [it for it in OURS if it not in OF_THE_DESK])
def test_no_text_stands_in_a_template_untranslated(name: str) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True, trim_blocks=True, lstrip_blocks=True)
    tree = environment.parse((TEMPLATES / name).read_text())
    plain = "".join(it.data if isinstance(it, nodes.TemplateData) else "*" for it in _pieces(tree))
    html = BeautifulSoup(plain, "html.parser")
    texts = [str(it) for it in html.find_all(string=True) if not isinstance(it, Comment | Doctype)]
    texts = [it for it in texts if it.strip() not in ("", "html")]
    shown = [str(tag[it]) for tag in html.find_all(True) for it in SHOWN if tag.has_attr(it)]
    found = [it for it in (*texts, *shown) if WORDS.search(it) and it not in NO_WORDS and not it.startswith("{")]
    assert found == []


def _pieces(node: nodes.Node) -> list[nodes.Node]:
    """What is written out as it is, and a mark for what is computed, in their order."""
    if isinstance(node, nodes.Output):
        return list(node.nodes)
    return [piece for child in node.iter_child_nodes() for piece in _pieces(child)]


@given(st.text("ab %<>&;()sd", max_size=30), st.sampled_from(["%(name)s", "<b>", "&nbsp;", "%%"]))
def test_places_of_values_and_marks_stay(text: str, kept: str) -> None:
    made = pseudo(f"{text} {kept} end")
    assert KEPT.findall(made) == KEPT.findall(f"{text} {kept} end")
    assert made.startswith("⟦")
    assert made.endswith("⟧")


def test_the_pseudo_language_is_a_third_longer_and_has_no_letter_of_english() -> None:
    for message in in_pseudo():
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        for english, made in zip(map(str, ids), map(str, told), strict=True):
            plain, longer = ("".join(KEPT.split(it)[::2]) for it in (english, made))
            assert 1.3 <= (len(longer) - 2) / len(plain) <= 1.6 or len(plain) < 10, english
            assert not re.search("[A-Za-z]", longer), english


def test_a_text_with_a_number_has_a_form_for_one() -> None:
    say = translations("pseudo").ngettext
    one, many = "%(shown)s product", "%(shown)s products"
    assert [say(one, many, it) for it in (1, 2)] == [pseudo(one), pseudo(many)]


@pytest.mark.parametrize("language", known_languages()[1:])
def test_a_language_has_all_texts_and_fills_in_the_same_values(language: str) -> None:
    with (Path(str(FOLDER)) / f"{language}.po").open("rb") as file:
        catalogue = read_po(file)
    told = {message.id for message in catalogue if message.string}
    missing = [it.id for it in collected() if it.id and it.id not in told]
    assert missing == []
    assert [message.id for message, errors in catalogue.check() if errors] == []
