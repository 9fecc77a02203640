"""The archive while it is restored: which file holds which table's rows."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from config.org_archive.catalog import OrgTable
from config.org_archive.container import read_file
from config.org_archive.manifest import ArchivedFile, Manifest


@dataclass(frozen=True)
class Source:
    """An open archive, its manifest, and the hash of the whole file, which somebody may have known before."""

    archive: zipfile.ZipFile
    manifest: Manifest
    sha256: str
    is_known: bool

    def file_of(self, table: OrgTable) -> ArchivedFile:
        return self.manifest.tables()[table.schema, table.name]

    def pieces_of(self, file: ArchivedFile) -> Iterator[bytes]:
        return read_file(self.archive, file)
