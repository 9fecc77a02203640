"""Rotation: every credential can be read before, between and after all steps, whoever is killed or writes meanwhile."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants.vault.credentials import read_credential, store_credential
from tenants.vault.rotation import count_outstanding, request_new_keys, rotate_keys
from tenants.vault.secrets import Secret
from tests.factories import make_org, make_superuser
from tests.tenants.vault.vaults import ask, make_connection, make_with_credential, written_key

OLD, NEW = written_key("spring", "a"), written_key("summer", "b")
KEYS = "select version, master_key, due from private.vault_keys order by org_id, version"


def make_world(settings, orgs=2, each=3):
    settings.TENANTRY_VAULT_KEYS = OLD
    made = [make_org() for _ in range(orgs)]
    return [make_with_credential(org, f"secret {org.pk} {n}", f"Shop {n}") for org in made for n in range(each)]


def assert_readable(connections):
    for n, made in enumerate(connections):
        found = read_credential(made.org_id, made.pk, purpose="test")
        assert found is not None, n
        assert found.reveal() == f"secret {made.org_id} {made.name[5:]}"


@pytest.mark.django_db
def test_a_master_key_is_changed_without_a_moment_in_which_anything_cannot_be_read(settings):
    made = make_world(settings)
    for ring in (f"{OLD},{NEW}", f"{NEW},{OLD}"):
        settings.TENANTRY_VAULT_KEYS = ring
        assert_readable(made)
    for _ in rotate_keys():
        assert_readable(made)
    settings.TENANTRY_VAULT_KEYS = NEW
    assert_readable(made)
    assert ask(KEYS) == [(1, "summer", False)] * 2
    assert list(rotate_keys()) == []


@pytest.mark.django_db
def test_data_keys_are_changed_and_the_old_ones_are_destroyed(settings):
    made = make_world(settings)
    sealed = dict(ask("select connection_id, sealed from private.vault_secrets"))
    assert request_new_keys() == 2
    for _ in rotate_keys():
        assert_readable(made)
    assert ask(KEYS) == [(2, "spring", False)] * 2
    after = dict(ask("select connection_id, sealed from private.vault_secrets"))
    assert all(after[key] != sealed[key] for key in sealed)
    assert not count_outstanding().anything


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_rotation_that_ended_early_is_gone_on_with_and_not_begun_anew(steps, settings):
    made = make_world(settings)
    request_new_keys()
    begun = rotate_keys()
    for _ in range(steps):
        next(begun)
    del begun
    assert_readable(made)
    assert request_new_keys() == 0
    list(rotate_keys())
    assert_readable(made)
    assert ask(KEYS) == [(2, "spring", False)] * 2


@pytest.mark.django_db
def test_what_does_not_open_keeps_its_key_and_nobody_elses(settings):
    made = make_world(settings)
    ask("update private.vault_secrets set sealed = '\\x01ff' where connection_id = %s", made[0].pk)
    request_new_keys()
    failures = [step.failure for step in rotate_keys() if step.failure]
    assert len(failures) == 1
    assert str(made[0].pk) in failures[0]
    assert_readable(made[1:])
    assert len(ask(KEYS)) == 3
    store_credential(made[0], Secret(f"secret {made[0].org_id} 0"), actor=make_superuser())
    assert [s.failure for s in rotate_keys()] == [""]
    assert_readable(made)
    assert ask(KEYS) == [(2, "spring", False)] * 2


@pytest.mark.django_db
def test_a_master_key_that_is_missing_stops_only_what_it_wrapped(settings, capsys):
    make_world(settings, orgs=1)
    settings.TENANTRY_VAULT_KEYS = NEW
    made = make_with_credential(make_org(), "other")
    with pytest.raises(CommandError, match="'spring', which TENANTRY_VAULT_KEYS does not hold"):
        call_command("rotate_keys", "--data-keys")
    assert (2, "summer", False) in ask(KEYS)
    found = read_credential(made.org_id, made.pk, purpose="test")
    assert found is not None
    assert found.reveal() == "other"


@pytest.mark.django_db
def test_the_command_says_first_what_it_would_do(settings, capsys):
    make_world(settings)
    settings.TENANTRY_VAULT_KEYS = f"{NEW},{OLD}"
    before = ask(KEYS)
    call_command("rotate_keys", "--dry-run", "--data-keys")
    said = capsys.readouterr().out
    assert said.startswith("would wrap 2 data keys by 'summer'; would give every organization that has credentials")
    assert ask(KEYS) == before
    call_command("rotate_keys")
    assert "✓ 2 of 2: wrapped data key 1 of" in capsys.readouterr().out
    call_command("rotate_keys")
    assert "nothing to do" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_credentials_stored_during_a_rotation_are_kept_and_the_rotation_ends(settings):
    """Writers beside it: none of them fails, none of them is lost."""
    made, person = make_world(settings, orgs=1, each=4), make_superuser()
    failed, stop = [], threading.Event()

    def write(mine):
        try:
            while not stop.is_set():
                store_credential(mine, Secret(f"secret {mine.org_id} {mine.name[5:]}"), actor=person)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[mine]) for mine in made[:2]]
    for writer in writers:
        writer.start()
    try:
        for _ in range(8):
            request_new_keys()
            assert [step.failure for step in rotate_keys() if step.failure] == []
            assert_readable(made)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert failed == []
    assert_readable(made)
    assert ask(KEYS) == [(9, "spring", False)]


@pytest.mark.django_db(transaction=True)
def test_first_credentials_at_once_share_one_key(settings):
    settings.TENANTRY_VAULT_KEYS = OLD
    org, person = make_org(), make_superuser()
    fresh = [make_connection(org, f"Shop {n}") for n in range(12)]
    failed = []

    def write(mine):
        try:
            store_credential(mine, Secret(f"secret {mine.org_id} {mine.name[5:]}"), actor=person)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[mine]) for mine in fresh]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert_readable(fresh)
    assert ask("select count(*) from private.vault_keys where org_id = %s", org.pk) == [(1,)]
