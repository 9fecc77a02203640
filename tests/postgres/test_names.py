"""Names: never longer than PostgreSQL keeps, never equal when cut, never unquoted."""

import hashlib

import pytest

from postgres.names import app_schema, array_literal, bound_name, fill, find_schema_fault, literal, quote


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


@pytest.mark.parametrize("name", ["public", "tenantry", "Ten antry", "te(n)ant.ry-ü", "select", "s" * 63])
def test_most_names_can_be_the_schema_s(name):
    assert find_schema_fault(name) == ""


@pytest.mark.parametrize("name", ["it's", 'a"b', "a$$b", "{schema}", "50%", "a\\b", "a\nb"])
def test_a_name_that_would_end_a_text_or_begin_a_placeholder_cannot(name):
    assert "it contains" in find_schema_fault(name)


@pytest.mark.parametrize("name", ["private", "pg_temp", "information_schema", "tenantry_doctor_tools"])
def test_a_name_that_is_in_use_cannot(name):
    assert "itself uses this name" in find_schema_fault(name)


@pytest.mark.parametrize("name", ["", "s" * 64, "ü" * 32])
def test_a_name_that_postgresql_would_cut_cannot(name):
    assert "1 to 63 bytes" in find_schema_fault(name)


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
