"""A log entry's before and after, as lines to read."""

from audit.changes import Change, describe_changes, show_value


def test_a_changed_field_is_one_line() -> None:
    assert describe_changes({"role": "member"}, {"role": "admin"}) == [Change("role", "member", "admin")]


def test_a_new_row_has_nothing_before_and_leaves_out_its_key_and_what_is_empty() -> None:
    assert describe_changes(None, {"id": "x", "name": "North", "note": ""}) == [Change("name", "—", "North")]


def test_a_redacted_value_is_told_as_changed() -> None:
    told = describe_changes({"password": "[redacted]"}, {"password": "[redacted]"})
    assert told == [Change("password", "[redacted]", "[redacted]")]


def test_values_are_shown_as_people_write_them() -> None:
    assert [show_value(v) for v in (None, True, False, 3, {"b": 1}, "ü")] == ["—", "yes", "no", "3", '{"b": 1}', "ü"]


def test_long_values_are_cut() -> None:
    assert show_value("x" * 500) == "x" * 400 + "…"
