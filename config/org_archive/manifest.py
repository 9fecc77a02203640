"""The manifest of an archive: its format, whose it is, and for each file whose rows it holds and its hash."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db.migrations.loader import MigrationLoader

from config.org_archive.catalog import OURS, OrgTable
from config.org_archive.errors import ArchiveRefused

FORMAT = "tenantry organization"
VERSION = 1
# No file's name comes from the archive's maker alone: nothing here climbs out of a folder.
PATH = re.compile(r"(?:people\.jsonl|(?:needed|tables|log)/[a-z0-9_-]{1,80}\.copy)")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ArchivedFile:
    """One file of an archive, and the columns of its rows in their order."""

    path: str
    rows: int
    size: int
    sha256: str
    schema: str = ""
    table: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.table if self.schema == OURS else f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    org_id: UUID
    slug: str
    name: str
    files: tuple[ArchivedFile, ...]
    fingerprint: str
    migrations: dict[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """The same text for the same archive, always."""
        org = {"id": str(self.org_id), "slug": self.slug, "name": self.name}
        what = {"format": FORMAT, "version": VERSION, "org": org, "schema": self.fingerprint}
        files = [asdict(file) for file in self.files]
        whole = {**what, "migrations": self.migrations, "files": files}
        return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True).encode()

    def tables(self) -> dict[tuple[str, str], ArchivedFile]:
        return {(f.schema, f.table): f for f in self.files if f.table}


def fingerprint(tables: Iterable[OrgTable]) -> str:
    """One hash over all tables, their columns and types."""
    shape = sorted([t.schema, t.name, [[c.name, c.type] for c in t.columns], list(t.left_out)] for t in tables)
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()


def newest_migrations() -> dict[str, str]:
    """The release, as far as a schema knows one: the last migration of each app of ours."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {app: name for app, name in sorted(loader.graph.leaf_nodes()) if app in ("accounts", "audit", "tenants")}


def parse_manifest(content: bytes) -> Manifest:
    """Take nothing on trust: kinds, ranges and names are checked before anything is done with them."""
    try:
        whole = json.loads(content)
        refuse_version(whole)
        org = whole["org"]
        files = tuple(parse_file(item) for item in whole["files"])
        return Manifest(
            UUID(org["id"]), plain(org["slug"]), plain(org["name"]), files, plain(whole["schema"]),
            {plain(k): plain(v) for k, v in whole["migrations"].items()},
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArchiveRefused(f"its manifest is not one of ours ({type(error).__name__}: {error}).") from error


def refuse_version(whole: Any) -> None:
    if whole["format"] != FORMAT:
        raise ArchiveRefused(f"it is no export of an organization: its format is {whole['format']!r}.")
    if type(whole["version"]) is not int or whole["version"] < 1:
        raise ValueError("version")
    if whole["version"] > VERSION:
        raise ArchiveRefused(
            f"its format is version {whole['version']}, and this release reads up to {VERSION}: restore it with the"
            " release that wrote it, or a newer one."
        )


def parse_file(item: dict[str, Any]) -> ArchivedFile:
    """One entry of the manifest."""
    path, rows, size = plain(item["path"]), item["rows"], item["size"]
    if not PATH.fullmatch(path) or type(rows) is not int or type(size) is not int or min(rows, size) < 0:
        raise ValueError(f"a file named {path!r} of {rows!r} rows and {size!r} bytes")
    if not DIGEST.fullmatch(item["sha256"]):
        raise ValueError(f"the hash of {path}")
    columns = tuple((plain(name), plain(kind)) for name, kind in item["columns"])
    left_out = tuple(plain(name) for name in item["left_out"])
    return ArchivedFile(
        path, rows, size, item["sha256"], plain(item["schema"]), plain(item["table"]), columns, left_out
    )


def plain(value: Any) -> str:
    """A text that the database can hold."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(f"{value!r} is no text")
    return value


def compare_schema(manifest: Manifest, tables: Iterable[OrgTable]) -> list[str]:
    """What is in one and not in the other, by column; empty when rows fit."""
    here = {(t.schema, t.name): t for t in tables}
    there = manifest.tables()
    differences = []
    for place in sorted(there.keys() | here.keys()):
        if place not in here:
            differences.append(f"table {there[place].label} is in the archive and not here")
        elif place not in there:
            differences.append(f"table {here[place].label} is here and not in the archive")
        else:
            differences += compare_columns(there[place], here[place])
    return differences


def compare_columns(there: ArchivedFile, here: OrgTable) -> list[str]:
    """Names, types, and what counts as secret."""
    archived, standing = dict(there.columns), {c.name: c.type for c in here.carried}
    said = []
    for name in sorted(archived.keys() | standing.keys()):
        column = f"column {here.label}.{name}"
        if name not in standing:
            said.append(f"{column} ({archived[name]}) is in the archive and not here")
        elif name not in archived:
            said.append(f"{column} ({standing[name]}) is here and not in the archive")
        elif archived[name] != standing[name]:
            said.append(f"{column} is {archived[name]} in the archive and {standing[name]} here")
    if there.left_out != here.left_out:
        said.append(f"table {here.label} keeps other columns secret here: {', '.join(here.left_out) or 'none'}")
    return said
