#!/usr/bin/env python
"""The engineer's door: every command of Tenantry."""

import os
import shlex
import sys

from django.core.management import execute_from_command_line

from config import embedded
from config.door import FORESEEN, explain_end


def main() -> None:
    """Run a command, on the embedded server when no DATABASE_URL is given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["runserver"]:
        os.environ["TENANTRY_LOGIN"] = "app"
    if needs_embedded_server(sys.argv[1:]):
        try:
            embedded.start()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except FORESEEN as error:
        sentence = "" if "--traceback" in sys.argv else explain_end(error, typed())
        if not sentence:
            raise
        sys.exit(sentence)


def typed() -> str:
    """What was typed, without addresses: they may hold a password."""
    return shlex.join(["manage.py", *("…" if "://" in word else word for word in sys.argv[1:])])


def needs_embedded_server(arguments: list[str]) -> bool:
    """Whether a command is about to use a database that nobody named."""
    named = "DATABASE_URL" in os.environ or "APP_DATABASE_URL" in os.environ
    return not named and bool(arguments) and not {"help", "--help", "-h", "--version"} & set(arguments)


if __name__ == "__main__":
    main()
