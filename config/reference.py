"""References that are generated: settings from .env.example, commands from their parsers, the API from endpoints."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.management import BaseCommand, get_commands, load_command_class

from config.api_schema import API_PAGE, render_schema
from config.embedded.places import REPOSITORY

ENVIRONMENT = REPOSITORY / ".env.example"
SETTINGS_PAGE = REPOSITORY / "docs" / "settings.md"
COMMANDS_PAGE = REPOSITORY / "docs" / "commands.md"
APPS = ("config", "accounts", "tenants", "audit", "postgres")
GENERATED = "<!-- Generated: change {source}, then `manage.py reference --write`. -->"
READ = re.compile(r"""(?:\benv\.\w+|environ\.get|environ\.setdefault|environ)[(\[]\s*["']([A-Z][A-Z0-9_]+)["']""")
# Set by our own programs for each other, or by the system; never for us by people.
INTERNAL = {"TENANTRY_LOGIN", "TENANTRY_BANNER", "DJANGO_SETTINGS_MODULE", "PATH"}


@dataclass(frozen=True)
class Variable:
    """One line of .env.example with the comment above it."""

    section: str
    name: str
    example: str
    meaning: str


def read_variables() -> Iterator[Variable]:
    """Everything that .env.example explains, in its order."""
    section = ""
    comment: list[str] = []
    for line in ENVIRONMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("# --- "):
            section, comment = line.removeprefix("# --- ").strip(), []
        elif found := re.fullmatch(r"#?([A-Z][A-Z0-9_]*)=(.*)", line):
            yield Variable(section, found[1], found[2], " ".join(comment))
            comment = []
        else:
            comment = [*comment, line.removeprefix("#").strip()] if line.startswith("#") else []


def variables_read() -> set[str]:
    """Every environment variable that our programs read."""
    sources = (path for app in APPS for path in (REPOSITORY / app).rglob("*.py"))
    found = {name for path in sources for name in READ.findall(path.read_text(encoding="utf-8"))}
    return found - INTERNAL


def render_settings() -> str:
    """The page about settings."""
    lines = [GENERATED.format(source=".env.example"), "", "# Settings", ""]
    lines += ["All of them are environment variables, and all are optional in development.", ""]
    section = ""
    for variable in read_variables():
        if variable.section != section:
            section = variable.section
            lines += ["", f"## {section}", "", "| variable | default or example | meaning |", "|---|---|---|"]
        example = f"`{variable.example}`" if variable.example else ""
        lines.append(f"| `{variable.name}` | {example} | {variable.meaning} |")
    return _join(lines)


def our_commands() -> dict[str, BaseCommand]:
    """Our commands by name; `migrate` is ours as well."""
    return {name: load_command_class(app, name) for name, app in sorted(get_commands().items()) if app in APPS}


def render_commands() -> str:
    """The page about commands."""
    lines = [GENERATED.format(source="the command"), "", "# Commands", ""]
    lines.append("Type `.venv/bin/python manage.py <command>`. Django's own commands work as well.")
    for name, command in our_commands().items():
        lines += ["", f"## {name}", "", str(command.help).strip()]
        if options := list(_own_options(command, name)):
            lines += ["", "| option | meaning |", "|---|---|", *options]
    return _join(lines)


def _own_options(command: BaseCommand, name: str) -> Iterator[str]:
    """What the command takes beyond what every command of Django takes, or beyond Django's command of that name."""
    known = {action.dest for action in _parser_of(_parent_of(command), name)._actions}
    for action in _parser_of(command, name)._actions:
        if action.dest not in known and action.help != argparse.SUPPRESS:
            if isinstance(action, argparse._SubParsersAction):
                yield from _verbs(action)
            else:
                yield f"| `{_spell(action)}` | {action.help or ''} |"


def _verbs(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> Iterator[str]:
    """Each verb, then what it takes."""
    for verb in verbs._choices_actions:
        yield f"| **`{verb.dest}`** | {verb.help} |"
        parser = verbs.choices[verb.dest]
        for action in parser._actions:
            if action.help not in (None, argparse.SUPPRESS) and action.dest not in ("help", "json"):
                yield f"| `{verb.dest} {_spell(action)}` | {parser._get_formatter()._expand_help(action)} |"


def _parser_of(command: BaseCommand, name: str) -> argparse.ArgumentParser:
    return command.create_parser("manage.py", name)


def _parent_of(command: BaseCommand) -> BaseCommand:
    parent = type(command).__mro__[1]
    return parent() if issubclass(parent, BaseCommand) and parent.__module__.startswith("django.") else BaseCommand()


def _spell(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    if not action.option_strings:
        return str(value)
    return action.option_strings[-1] + (f" {value}" if action.nargs != 0 else "")


def _join(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


PAGES = {SETTINGS_PAGE: render_settings, COMMANDS_PAGE: render_commands, API_PAGE: render_schema}


def stale_pages() -> dict[Path, str]:
    """Pages that differ from what they should say, with what they should say."""
    wanted = {path: render() for path, render in PAGES.items()}
    return {
        path: text for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
