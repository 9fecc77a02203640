"""An archive that is not what was exported restores nothing, and says what is wrong with it."""

import hashlib
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.org_archive.container import hash_file
from tenants.models import Organization
from tests.config.org_archive.moving import clean_private, digest_others, erase, export, restore, rewrite, seal, stands
from tests.worlds import make_side

Files = dict[str, bytes]


def name_of(files: Files, table: str) -> str:
    return next(name for name in files if name.endswith(f"-{table}.copy"))


def change_manifest(files: Files, change: Callable[[Any], Any]) -> None:
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    files["manifest.json"] = json.dumps(manifest).encode()


def put(files: Files, name: str, content: bytes, rows: int = 0) -> None:
    """Another content, with the manifest made to fit: whoever can change a file can do that too."""
    files[name] = content

    def fit(manifest: Any) -> None:
        entry = next(f for f in manifest["files"] if f["path"] == name)
        entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": entry["rows"] + rows}

    change_manifest(files, fit)


def edit_row(files: Files) -> None:
    name = name_of(files, "customers")
    files[name] = files[name].replace(b"secret customer", b"another customer")


def add_foreign_row(files: Files) -> None:
    name = name_of(files, "workspaces")
    line = files[name].splitlines(keepends=True)[0]
    org = json.loads(files["manifest.json"])["org"]["id"].encode()
    put(files, name, files[name] + line.replace(org, b"00000000-0000-0000-0000-000000000777"), rows=1)


def name_a_stranger(files: Files) -> None:
    people = files["people.jsonl"].splitlines(keepends=True)
    put(files, "people.jsonl", b"".join(people[1:]), rows=-1)


def end_early(files: Files) -> None:
    name = name_of(files, "org_members")
    put(files, name, files[name].replace(b"\n", b"\n\\.\n", 1))


def edit_log(files: Files) -> None:
    name = name_of(files, "audit_logs")
    put(files, name, files[name].replace(b"secret customer", b"another customer"))


def cut_log(files: Files) -> None:
    name = name_of(files, "audit_logs")
    put(files, name, b"".join(files[name].splitlines(keepends=True)[1:]), rows=-1)


def two_organizations(files: Files) -> None:
    name = name_of(files, "organizations")
    put(files, name, files[name] * 2, rows=1)


def promise_too_much(manifest: Any) -> None:
    manifest["files"][3]["size"] = 1 << 40


def escape(manifest: Any) -> None:
    manifest["files"][1]["path"] = "../../etc/passwd.copy"


def rename_column(manifest: Any) -> None:
    entry = next(f for f in manifest["files"] if f["table"] == "customers")
    entry["columns"] = [["nickname" if name == "company" else name, kind] for name, kind in entry["columns"]]


CHANGES: dict[str, tuple[Callable[[Files], Any], str]] = {
    "an edited row": (edit_row, "its hash differs from the manifest's"),
    "a row of another organization": (add_foreign_row, "1 rows of another organization"),
    "a person nobody introduces": (name_a_stranger, "name a person who is not among the archive's people"),
    "an end of data half-way": (end_early, "should hold"),
    "an edited log": (edit_log, "the row was edited after it was sealed"),
    "a log with a row less": (cut_log, "the row was removed"),
    "two organizations": (two_organizations, "should hold one"),
    "a file too many": (lambda files: files.update({"tables/999-x.copy": b""}), "does not name: 'tables/999-x.copy'"),
    "a path outside": (lambda files: files.update({"../../x": b""}), "does not name: '../../x'"),
    "a file too few": (lambda files: files.pop(name_of(files, "stores")), "-stores.copy is missing from it"),
    "no manifest": (lambda files: files.pop("manifest.json"), "it cannot be read"),
    "a manifest that is no JSON": (lambda files: files.update({"manifest.json": b"{"}), "not one of ours"),
    "a deep manifest": (lambda files: files.update({"manifest.json": b"[" * 100_000}), "not one of ours"),
    "a path in the manifest": (lambda files: change_manifest(files, escape), "not one of ours"),
    "a bomb": (lambda files: change_manifest(files, promise_too_much), "no export of an organization grows like that"),
    "a newer format": (lambda f: change_manifest(f, lambda m: m.update(version=2)), "this release reads up to 1"),
    "another format": (lambda f: change_manifest(f, lambda m: m.update(format="x")), "no export of an organization"),
    "a NUL": (lambda f: change_manifest(f, lambda m: m["org"].update(slug="a\0b")), "not one of ours"),
    "the id of none": (
        lambda f: change_manifest(f, lambda m: m["org"].update(id="00000000-0000-0000-0000-000000000000")),
        "the id that stands for none",
    ),
    "another schema": (
        lambda files: change_manifest(files, rename_column),
        r"column customers\.company \(text\) is here and not in the archive\n.*nickname \(text\) is in the archive",
    ),
    "a value that does not fit": (
        lambda files: put(files, name_of(files, "stores"), files[name_of(files, "stores")].replace(b"\t", b"\tx", 1)),
        "holds a value that stores cannot",
    ),
}


@dataclass(frozen=True)
class Gone:
    """An organization that is only in its archive, and what everybody else had when it went."""

    org: Organization
    archive: Path
    others: dict[str, str]


@pytest.fixture(scope="module")
def gone(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Gone]:
    with django_db_blocker.unblock():
        clean_private()
        side, _ = make_side(), make_side()
        seal(side.org)
        path = tmp_path_factory.mktemp("gone") / "org.zip"
        export(side.org, path)
        erase(side.org)
        yield Gone(side.org, path, digest_others(side.org.pk))
        clean_private()
        call_command("flush", verbosity=0, interactive=False)
        connection.close()


def test_an_archive_is_for_its_maker_only(sides, archive):
    export(sides[0].org, archive)
    assert archive.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_archive_restores_nothing(gone, what):
    change, answer = CHANGES[what]
    with pytest.raises(CommandError, match=rf"(?s)nothing was changed: .*{answer}"):
        restore(rewrite(gone.archive, change))
    assert not stands(gone.org)
    assert digest_others(gone.org.pk) == gone.others


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def doubled(path: Path) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "a") as file:
        file.writestr("people.jsonl", b"")


@pytest.mark.parametrize("damage", [truncated, flipped, doubled, lambda path: path.write_bytes(b"")])
def test_a_damaged_file_restores_nothing(gone, archive, damage):
    archive.write_bytes(gone.archive.read_bytes())
    damage(archive)
    with pytest.raises(
        CommandError, match=r"nothing was changed: (it cannot be read|.*hash differs|it holds a file twice)"
    ):
        restore(archive)
    assert not stands(gone.org)


def unseal(files: Files) -> None:
    """Whoever makes up a log can seal it as well: without seals, the restore does."""
    for table in ("audit_seals", "audit_retired", "audit_heads"):
        name = name_of(files, table)
        put(files, name, b"", rows=-len(files[name].splitlines()))
    # As many links as there were, with one in the place of the retired one.
    name = name_of(files, "audit_logs")
    last = files[name].splitlines(keepends=True)[-1]
    again = re.sub(rb"\b[0-9a-f]{8}(-[0-9a-f-]{27}\t2)", rb"00000000\1", last, count=1)
    assert again != last
    put(files, name, files[name] + again, rows=1)


def test_the_tombstone_knows_a_log_that_was_sealed_anew(gone):
    with pytest.raises(CommandError, match="another one than that which was erased here"):
        restore(rewrite(gone.archive, unseal))
    assert not stands(gone.org)


def test_another_file_than_the_one_that_was_printed_is_refused_and_that_one_is_restored(gone):
    with pytest.raises(CommandError, match="not the one you gave"):
        restore(gone.archive, sha256="0" * 64)
    with pytest.raises(CommandError, match="there is no such file"):
        restore(gone.archive.with_name("nothing.zip"))
    restore(gone.archive, sha256=hash_file(gone.archive), dry_run=True)
    assert not stands(gone.org)
    restore(gone.archive, sha256=hash_file(gone.archive))
    assert stands(gone.org)
    erase(gone.org)
