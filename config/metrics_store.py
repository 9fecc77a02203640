"""Counts of requests, kept per process and added up over all processes of one server."""

import json
import os
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FLUSH_SECONDS = 1.0
Name = tuple[str, ...]


class Store:
    """One process's counts, written to a file that the others read; the file outlives its process, as counts must."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.counts: Counter[Name] = Counter()
        self.flushed = 0.0

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        with self.lock:
            self.counts["requests", method, route, str(status)] += 1
            self.counts["seconds", route] += seconds  # type: ignore[assignment]
            for bound in BOUNDS:
                if seconds <= bound:
                    self.counts["bucket", route, str(bound)] += 1
        if time.monotonic() - self.flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Whole or not at all: a reader never sees half a file."""
        with self.lock:
            self.flushed = time.monotonic()
            written = json.dumps([[*name, value] for name, value in self.counts.items()])
            path = self._folder() / f"{os.getpid()}.json"
            half = path.with_suffix(".half")
            half.write_text(written, encoding="utf-8")
            half.replace(path)

    def total(self) -> Counter[Name]:
        """Over all processes of the server."""
        self.flush()
        total: Counter[Name] = Counter()
        for path in self._folder().glob("*.json"):
            for *name, value in json.loads(path.read_text(encoding="utf-8")):
                total[tuple(name)] += value
        return total

    def _folder(self) -> Path:
        # Workers of one gunicorn have one parent; nobody else can read along.
        folder = self.folder or Path(tempfile.gettempdir()) / f"tenantry-metrics-{os.getuid()}-{os.getppid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid != os.getuid():
            # Anybody may make a folder of this name before we do, and write counts into it.
            raise PermissionError(f"{folder} belongs to somebody else: remove it")
        return folder


STORE = Store()
