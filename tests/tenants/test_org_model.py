"""A brand-new org model in an app that knows nothing: guarded by two commands, through every change."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.catalog import take_snapshot
from tests.databases import owner_session, scratch_database
from tests.tenants.scratch import ScratchApp

# One worker for the module: its fixture is made once.
pytestmark = pytest.mark.xdist_group("org_model")

FIRST = """
class Clinic(OrgModel):
    name = models.TextField()

    class Meta:
        db_table = "clinics"
        constraints = [models.UniqueConstraint(fields=["org", "name"], name="clinics_name")]


class Visit(OrgModel):
    clinic = OrgForeignKey(Clinic, models.CASCADE, related_name="calls")
    follows = OrgForeignKey("self", models.SET_NULL, null=True, related_name="followers")
    store = OrgForeignKey(Store, models.PROTECT, related_name="+")
    note = models.TextField(default="", db_default="")
    secret_note = models.TextField(default="", db_default="")

    class Meta:
        db_table = "visits"
"""
OPENED = FIRST.replace(
    "class Visit(OrgModel):", 'class Visit(OrgModel):\n    access = "org"\n    redacted = ("secret_note",)'
).replace(
    "    note = ", '    before = OrgForeignKey(Workspace, models.SET_NULL, null=True, related_name="+")\n    note = '
)
RENAMED = OPENED.replace("Visit", "Appointment").replace('"visits"', '"appointments"')
KEYS_CHANGED = "\n".join(
    line.replace("    clinic = OrgForeignKey", "    place = OrgForeignKey")
    for line in RENAMED.splitlines()
    if "follows" not in line
)
ANOTHER_RULE = """
from tenants import access


access.ACCESS["org"] = access.Access(insert="true", update="true")
"""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Any]:
    """The whole life of an app, once: what stood in the database after every step, and what the steps wrote."""
    with scratch_database("life") as database:
        app = ScratchApp(tmp_path_factory.mktemp("life"), database)
        seen = SimpleNamespace(app=app, written={}, after={}, quiet={})
        # Else `makemigrations scratch` would write the missing ones of the apps it depends on, into this repository.
        app.must_run("makemigrations", "--check", "--dry-run")
        app.must_run("migrate", "-v0")
        with owner_session(database) as session:
            seen.empty = take_snapshot(session)
        live(seen)
        app.must_run("migrate", "scratch", "zero", "-v0")
        with owner_session(database) as session:
            seen.left = take_snapshot(session)
        # A twin that was born in the last form.
        app.forget_migrations()
        app.must_run("makemigrations", "scratch")
        app.must_run("migrate", "-v0")
        seen.twin = app.describe("clinics", "appointments")
        yield seen


def live(seen: Any) -> None:
    """Take the app through its changes."""
    app = seen.app
    seen.written["first"] = app.take_step(FIRST)
    seen.quiet = app.run("makemigrations", "--check", "--dry-run")
    seen.after["first"] = app.describe("clinics", "visits")
    for name, models, answers in [
        ("opened", OPENED, ""),
        ("renamed", RENAMED, "y\n"),
        ("keys changed", KEYS_CHANGED, "y\n"),
    ]:
        seen.written[name] = app.take_step(models, answers=answers)
        seen.after[name] = app.describe("clinics", "visits", "appointments")
    seen.quiet_again = app.run("makemigrations", "--check", "--dry-run")
    app.write_settings(ANOTHER_RULE)
    seen.written["another rule"] = app.take_step(KEYS_CHANGED)
    seen.after["another rule"] = app.describe("clinics", "appointments")


def constraints(table: dict[str, set[tuple[Any, ...]]]) -> dict[str, str]:
    return {name or kind: text for kind, name, text, _validated in table["constraints"]}


class TestBirth:
    def test_its_key_is_the_organization_and_the_id(self, life):
        assert constraints(life.after["first"]["visits"])["p"] == "PRIMARY KEY (org_id, id)"

    def test_its_rows_go_with_their_organization(self, life):
        key = constraints(life.after["first"]["visits"])["fk_visits_org_id"]
        assert key == "FOREIGN KEY (org_id) REFERENCES organizations(id) ON DELETE CASCADE"

    def test_its_keys_to_org_tables_are_pairs_checked_at_once(self, life):
        keys = constraints(life.after["first"]["visits"])
        pair = "FOREIGN KEY (org_id, {}) REFERENCES {}(org_id, id)"
        assert keys["fk_visits_clinic_id"] == pair.format("clinic_id", "clinics") + " ON DELETE CASCADE"
        assert keys["fk_visits_follows_id"] == pair.format("follows_id", "visits") + " ON DELETE SET NULL (follows_id)"
        assert keys["fk_visits_store_id"] == pair.format("store_id", "stores")

    def test_an_index_stands_behind_every_pair(self, life):
        indexes = {row[0] for row in life.after["first"]["visits"]["indexes"]}
        for column in ("clinic_id", "follows_id", "store_id"):
            assert f"CREATE INDEX ON public.visits USING btree (org_id, {column})" in indexes

    def test_row_level_security_is_forced_and_the_owner_role_owns_it(self, life):
        for table in life.after["first"].values():
            assert table["security"] == {(True, True, "tenantry_owner")}

    def test_it_has_one_policy_per_role_and_command(self, life):
        policies = {name: (roles, cmd) for name, roles, cmd, _q, _c in life.after["first"]["visits"]["policies"]}
        expected = {"tenantry_owner_all": ("{tenantry_owner}", "ALL")}
        for role in ("tenantry_api", "tenantry_staff"):
            for command in ("select", "insert", "update", "delete"):
                expected[f"{role}_{command}"] = (f"{{{role}}}", command.upper())
        assert policies == expected

    def test_its_policies_ask_for_the_organization_once_per_query(self, life):
        for _name, roles, _cmd, using, check in life.after["first"]["visits"]["policies"]:
            if roles == "{tenantry_api}":
                assert "org_id = ( SELECT auth_org_id()" in (using or check)

    def test_grants_are_what_the_policies_are_and_no_more(self, life):
        commands = ("SELECT", "INSERT", "UPDATE", "DELETE")
        expected = {(role, command) for role in ("tenantry_api", "tenantry_staff") for command in commands}
        assert life.after["first"]["visits"]["grants"] == expected

    def test_its_triggers_keep_org_id_and_updated_at_and_write_the_log(self, life):
        triggers = {name for name, _text in life.after["first"]["visits"]["triggers"]}
        kinds = ("org_id_immutable", "set_updated_at", "audit", "log_truncate")
        assert triggers == {f"{kind}_visits" for kind in kinds}

    def test_a_second_makemigrations_is_quiet(self, life):
        assert life.quiet.returncode == 0, life.quiet.stdout


class TestChanges:
    def test_another_access_rule_is_a_migration_and_other_policies(self, life):
        assert "OrgGuard(access='org'" in life.written["opened"]
        policies = {p[0]: p[4] for p in life.after["opened"]["visits"]["policies"]}
        assert "auth_user_role" not in policies["tenantry_api_insert"]

    def test_a_redacted_column_reaches_the_audit_trigger(self, life):
        triggers = dict(life.after["opened"]["visits"]["triggers"])
        assert "{secret_note}" in triggers["audit_visits"]

    def test_a_renamed_model_takes_its_guard_along(self, life):
        assert "RenameModel" in life.written["renamed"]
        assert life.after["renamed"]["visits"]["security"] == set()
        names = {row[0] for row in life.after["renamed"]["appointments"]["triggers"]}
        assert names == {f"{k}_appointments" for k in ("org_id_immutable", "set_updated_at", "audit", "log_truncate")}

    def test_a_renamed_table_has_each_key_once(self, life):
        keys = [row[2] for row in life.after["renamed"]["appointments"]["constraints"] if row[0] == "f"]
        assert len(keys) == len(set(keys)) == 5

    def test_a_renamed_key_keeps_its_pair_and_index(self, life):
        assert "RenameField" in life.written["keys changed"]
        table = life.after["keys changed"]["appointments"]
        assert "(org_id, place_id)" in constraints(table)["fk_appointments_place_id"]
        assert "fk_appointments_clinic_id" not in constraints(table)

    def test_a_removed_key_takes_pair_and_index_along(self, life):
        table = life.after["keys changed"]["appointments"]
        assert "fk_appointments_follows_id" not in constraints(table)
        assert not any("follows" in row[0] for row in table["indexes"])

    def test_an_added_key_is_a_pair(self, life):
        keys = constraints(life.after["opened"]["visits"])
        assert keys["fk_visits_before_id"].endswith("ON DELETE SET NULL (before_id)")

    def test_makemigrations_is_quiet_after_every_change(self, life):
        assert life.quiet_again.returncode == 0, life.quiet_again.stdout

    def test_a_guard_whose_statements_change_makes_makemigrations_speak(self, life):
        assert "appointments_guard" in life.written["another rule"]
        assert "clinics_guard" not in life.written["another rule"]

    def test_its_migration_carries_the_new_statements_into_the_database(self, life):
        before, after = (
            {policy[0]: policy[3] for policy in life.after[step]["appointments"]["policies"]}
            for step in ("keys changed", "another rule")
        )
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"tenantry_api_delete"}

    @pytest.mark.parametrize("table", ["clinics", "appointments"])
    def test_a_changed_table_is_like_one_that_was_born_so(self, life, table):
        assert life.after["another rule"][table] == life.twin[table]

    def test_back_to_zero_leaves_nothing_behind(self, life):
        assert life.left == life.empty
