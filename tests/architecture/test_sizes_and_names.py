"""Files and functions are short, say what they are for, and are named after what they do."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from tests.architecture.sources import APPS, ROOT, Source, python_files

LONGEST_FILE, LONGEST_FUNCTION = 300, 40
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "services",
    "service",
    "base_service",
    "misc",
    "managers",
}
# One word per thing: an organization's id is org_id.
OTHER_WORDS = re.compile(r"tenant_?id|organization_id|account_id", re.IGNORECASE)
COMMANDS = sorted(name for name, app in get_commands().items() if app in (*settings.TENANTRY_APPS, "config"))
MODELS = [m for m in apps.get_models() if m._meta.app_label in settings.TENANTRY_APPS and not m._meta.auto_created]


def identifiers(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def test_no_file_is_longer_than_300_lines():
    sources = [s for s in python_files() if not s.is_migration]
    assert [s.path for s in sources if len(s.text.splitlines()) > LONGEST_FILE] == []


def test_no_function_is_longer_than_40_lines():
    long = [
        f"{source.path}: {function.name}"
        for source in python_files()
        for function in source.functions()
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_sql_file_is_longer_than_80_lines():
    files = [p for app in settings.TENANTRY_APPS for p in (ROOT / app / "sql").glob("*.sql")]
    assert [p.name for p in files if len(p.read_text().splitlines()) > 80] == []


def test_no_module_has_a_name_that_says_nothing():
    assert [s.path for s in python_files() if EMPTY_NAMES & set(s.parts)] == []


@pytest.mark.parametrize("folder", [*APPS, "tests"])
def test_an_organization_has_one_word(folder):
    mine = "tests/architecture/test_sizes_and_names.py"
    wrong = {
        (s.path, w) for s in python_files(folder) for w in identifiers(s) if OTHER_WORDS.search(w) and s.path != mine
    }
    assert wrong == set()


def test_an_organization_has_one_word_in_sql_as_well():
    files = [p for app in settings.TENANTRY_APPS for p in (ROOT / app / "sql").glob("*.sql")]
    assert [p.name for p in files if OTHER_WORDS.search(p.read_text())] == []


def test_every_module_says_what_it_is_for():
    silent = [s.path for s in python_files() if s.text.strip() and not (ast.get_docstring(s.tree) or "").strip()]
    assert silent == []


def test_what_a_class_or_function_is_for_is_a_sentence():
    wrong = []
    for source in python_files(*APPS):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                first = text.split("\n\n")[0].strip()
                if first[-1] not in ".?!…:`":
                    wrong.append(f"{source.path}: {first}")
    assert wrong == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_model_says_what_a_row_is_and_names_itself(model):
    # Django writes "Model(field, …)" where nobody wrote anything.
    assert not (model.__doc__ or "").startswith(f"{model.__name__}(")
    assert (model.__doc__ or "").rstrip()[-1:] == "."
    assert "__str__" in vars(model)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_is_tested(name):
    command = load_command_class("config" if name in get_commands() else "", name)
    module = __import__(type(command).__module__, fromlist=["Command"])
    assert (module.__doc__ or "").startswith(f"`manage.py {name}")
    called = re.compile(rf"""["'`/ ]{name}["'` ]""")
    assert [s.path for s in python_files("tests") if called.search(s.text) and "architecture" not in s.path]
