"""Imports run one way: config -> accounts -> tenants -> audit -> postgres, with the screens above every core."""

import ast
import tomllib

import pytest

from tests.architecture.sources import APPS, ROOT, Source, python_files

FLOORS = {app: floor for floor, app in enumerate(APPS)}
SCREENS = ("admin", "api")


def is_screen(module: str) -> bool:
    app, _, rest = module.partition(".")
    return app in FLOORS and app != "config" and rest.split(".")[0] in SCREENS


def is_concept(module: str) -> bool:
    """A screen of one concept (`tenants.admin.members`), and not what screens are made of (`tenants.admin.base`)."""
    app, _, name, *_ = [*module.split("."), "", ""]
    return (ROOT / app / "models" / f"{name}.py").exists() and name != "base"


def is_wrong(source: Source, module: str) -> bool:
    """Whether this file may not import that module."""
    mine, theirs = source.parts[0], module.split(".")[0]
    if theirs not in FLOORS or mine == "config":
        return False
    if theirs == "config" or not is_screen(".".join(source.parts)):
        return FLOORS[theirs] > FLOORS[mine] or is_screen(module)
    return is_screen(module) and theirs != mine and is_concept(module)


def test_no_file_imports_from_a_floor_above_it():
    wrong = [
        f"{source.path} imports {module}"
        for source in python_files(*APPS)
        for module in source.imported_modules()
        if is_wrong(source, module)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "module", "wrong"),
    [
        ("tenants/scope.py", "accounts.models.User", True),
        ("tenants/scope.py", "tenants.admin.base.OrgAdmin", True),
        ("postgres/keys.py", "audit.claims.sign_ticket", True),
        ("accounts/lifecycle.py", "tenants.lifecycle.delete_organization", False),
        ("tenants/admin/members.py", "accounts.active_org.get_active_org", False),
        ("audit/admin/log.py", "tenants.admin.base.ConsoleAdmin", False),
        ("audit/admin/log.py", "tenants.admin.members.OrgMemberAdmin", True),
        ("audit/admin/log.py", "config.site.site", True),
        ("config/urls.py", "accounts.admin.users.UserAdmin", False),
    ],
)
def test_the_rule_itself(path, module, wrong):
    assert is_wrong(Source(path, ""), module) is wrong


def test_no_product_file_imports_tests():
    assert [s.path for s in python_files(*APPS) for m in s.imported_modules() if m.split(".")[0] == "tests"] == []


def test_nothing_is_imported_inside_a_function():
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in python_files()
        for function in source.functions()
        for node in ast.walk(function)
        # An app's models are there only when it is ready.
        if isinstance(node, ast.Import | ast.ImportFrom) and function.name != "ready"
    ]
    assert wrong == []


def test_the_linter_of_imports_knows_the_floors():
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(linted["root_packages"]) == set(APPS)
    layers = next(c["layers"] for c in linted["contracts"] if c["type"] == "layers")
    named = [app for layer in layers for app in APPS if layer == app]
    assert named == [app for app in reversed(APPS) if app in named]
