"""`.env.example` is the list of everything that can be set."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = ("settings", "api_settings", "gunicorn", "embedded_places")
# Set by config/wsgi.py for itself, not by people.
INTERNAL = {"TENANTRY_LOGIN"}


def test_the_example_lists_every_variable_that_is_read_and_no_other() -> None:
    code = "".join((ROOT / "config" / f"{name}.py").read_text(encoding="utf-8") for name in READERS)
    read = set(re.findall(r"(?:env\.\w+|environ\.get)\(\s*['\"]([A-Z_]+)['\"]", code))
    listed = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == read - INTERNAL
