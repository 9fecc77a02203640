"""An archive that is not what was exported restores nothing, and says what is wrong with it."""

import hashlib
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from tests.audit.sealed_log import seal_all
from tests.config.org_archive.moving import digest_others, erase, export, restore, rewrite, stands

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
    name = name_of(files, "workspaces")
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


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_archive_restores_nothing(sides, archive, what):
    change, answer = CHANGES[what]
    org = sides[0].org
    seal_all()
    export(org, archive)
    erase(org)
    before = digest_others(org.pk)
    with pytest.raises(CommandError, match=rf"(?s)nothing was changed: .*{answer}"):
        restore(rewrite(archive, change))
    assert not stands(org)
    assert digest_others(org.pk) == before
    restore(archive)
    assert stands(org)


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
def test_a_damaged_file_restores_nothing(sides, archive, damage):
    org = sides[0].org
    export(org, archive)
    erase(org)
    damage(archive)
    with pytest.raises(
        CommandError, match=r"nothing was changed: (it cannot be read|.*hash differs|it holds a file twice)"
    ):
        restore(archive)
    assert not stands(org)


def test_another_file_than_the_one_that_was_printed_is_refused(sides, archive):
    org = sides[0].org
    said = export(org, archive)
    erase(org)
    with pytest.raises(CommandError, match="not the one you gave"):
        restore(archive, sha256="0" * 64)
    with pytest.raises(CommandError, match="there is no such file"):
        restore(archive.with_name("nothing.zip"))
    restore(archive, sha256=said.split("SHA-256 ")[1].split()[0])
    assert stands(org)


def test_the_tombstone_knows_a_log_that_was_sealed_anew(sides, archive):
    """Whoever makes up a log can seal it as well; what was erased here had another end."""
    org, other = sides[0].org, archive.with_name("other.zip")
    seal_all()
    export(org, archive)
    erase(org)

    # An unsealed log: the restore seals it, and so the chain holds by itself.
    def unseal(files: Files) -> None:
        for table in ("audit_seals", "audit_retired", "audit_heads"):
            name = name_of(files, table)
            put(files, name, b"", rows=-len(files[name].splitlines()))
        edit_log(files)

    rewrite(archive, unseal).rename(other)
    with pytest.raises(CommandError, match="another one than that which was erased here"):
        restore(other)
    assert not stands(org)
