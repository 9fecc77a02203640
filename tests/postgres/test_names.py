"""Names: never longer than PostgreSQL keeps, never equal when cut, never unquoted."""

import hashlib

import pytest

from postgres.names import app_schema, array_literal, bound_name, fill, literal, quote


def test_a_name_that_fits_stays_as_it_is():
    assert bound_name("a" * 63) == "a" * 63


def test_a_longer_name_is_cut_and_ends_in_its_md5():
    name = "fk_" + "a" * 70
    assert bound_name(name) == name[:54] + "_" + hashlib.md5(name.encode()).hexdigest()[:8]
    assert len(bound_name(name)) == 63


def test_names_that_differ_only_at_their_end_stay_different():
    assert bound_name("a" * 70 + "x") != bound_name("a" * 70 + "y")


@pytest.mark.parametrize("letter", ["ä", "語", "🦷"])
def test_bytes_are_counted_and_no_letter_is_cut_in_two(letter):
    cut = bound_name(letter * 40)
    assert len(cut.encode()) <= 63
    assert cut[:-9] == letter * len(cut[:-9])


def test_a_shorter_bound_holds_too():
    assert len(bound_name("workspace_members_workspace_id_pair", 30)) == 30


def test_identifiers_and_literals_are_quoted():
    assert quote('o"dd') == '"o""dd"'
    assert literal("o'dd") == "'o''dd'"


def test_a_template_gets_our_schema_and_keeps_its_other_braces(settings):
    settings.TENANTRY_SCHEMA = 'te"nant'
    assert app_schema() == '"te""nant"'
    assert fill("{schema}.x '{}' a{2}") == '"te""nant".x \'{}\' a{2}'


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), "{}"),
        (("id",), "{id}"),
        (("a", "b"), "{a,b}"),
        (("null", "we,ird", 'quo"ted', "back\\slash", ""), '{"null","we,ird","quo\\"ted","back\\\\slash",""}'),
    ],
)
def test_names_become_the_text_of_an_array(names: tuple[str, ...], text: str) -> None:
    assert array_literal(names) == text
