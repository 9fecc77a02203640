"""The doctor and the start of a process notice keys that do not open, before a credential is needed."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from tenants.doctor.runner import examine
from tenants.vault import self_test
from tenants.vault.ring import read_vault_ring
from tenants.vault.rotation import request_new_keys, rotate_keys
from tests.tenants.vault.vaults import ask, make_with_credential, written_key

OLD, NEW = written_key("spring", "a"), written_key("summer", "b")


def find():
    return [(str(f.level), f.object, f.remedy) for f in examine(["vault_keys"])]


@pytest.mark.django_db
def test_a_vault_in_order_is_no_finding(org):
    make_with_credential(org)
    assert find() == []


@pytest.mark.django_db
def test_the_doctor_follows_a_change_of_keys(org, settings):
    settings.TENANTRY_VAULT_KEYS = OLD
    make_with_credential(org)
    settings.TENANTRY_VAULT_KEYS = NEW
    assert find() == [("error", "master key spring", "manage.py rotate_keys")]
    settings.TENANTRY_VAULT_KEYS = f"{NEW},{OLD}"
    assert find() == [("info", "private.vault_keys", "manage.py rotate_keys")]
    list(rotate_keys())
    assert find() == []
    request_new_keys()
    next(rotate_keys())
    assert find() == [("warning", "private.vault_keys", "manage.py rotate_keys")]
    list(rotate_keys())
    assert find() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "update private.vault_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)",
        "update private.vault_keys set version = 2",
    ],
)
def test_a_key_that_does_not_open_is_named(change, org):
    make_with_credential(org)
    ask(f"alter table private.vault_secrets drop constraint vault_secrets_org_id_key_version_fkey; {change}")
    ((level, where, remedy),) = find()
    assert (level, remedy) == ("error", "")
    assert str(org.pk) in where


BAD = ["spring", "spring:", "spring:YQ==", "a b:c", f"{OLD},spring:x", f"{OLD},{OLD}", ","]


@pytest.mark.parametrize("written", BAD)
def test_keys_that_cannot_be_used_stop_every_command_without_being_quoted(written, settings):
    settings.TENANTRY_VAULT_KEYS = written
    (error,) = [e for e in run_checks(tags=["security"]) if e.id == "tenants.E010"]
    assert "TENANTRY_VAULT_KEYS" in error.msg
    assert OLD[7:] not in error.msg


@pytest.mark.parametrize(
    "form", [OLD, OLD.rstrip("="), f"\n {OLD} ,\n{NEW}\n", OLD.replace("+", "-").replace("/", "_")]
)
def test_keys_are_read_in_every_form_that_environments_hold(form):
    assert read_vault_ring(form).newest.id == "spring"
    assert read_vault_ring(form).newest.key == b"a" * 32


def test_production_refuses_the_development_key(settings):
    settings.PRODUCTION = True
    for written in ("", " "):
        settings.TENANTRY_VAULT_KEYS = written
        assert [e.id for e in run_checks(tags=["security"]) if e.id == "tenants.E010"] == ["tenants.E010"]
    settings.TENANTRY_VAULT_KEYS = OLD
    assert [e for e in run_checks(tags=["security"]) if e.id == "tenants.E010"] == []


def test_a_console_alone_needs_no_keys(settings):
    settings.PRODUCTION, settings.TENANTRY_SURFACE, settings.TENANTRY_VAULT_KEYS = True, "console", ""
    assert [e for e in run_checks(tags=["security"]) if e.id == "tenants.E010"] == []


def test_a_library_that_seals_nothing_is_noticed(monkeypatch):
    monkeypatch.setattr(self_test, "unseal", lambda key, sealed, label: self_test.PLAIN)
    with pytest.raises(ImproperlyConfigured, match="opens all the same"):
        self_test.prove_vault()


def test_a_ring_shows_no_key():
    assert "aaaa" not in repr(read_vault_ring(OLD))
