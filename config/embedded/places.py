"""Where an embedded PostgreSQL keeps its data and its socket, and the URLs that follow from it."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.embedded.errors import EmbeddedError

REPOSITORY = Path(__file__).resolve().parents[2]
SYSTEM_HOME = Path("/var/lib/tenantry")
OWNER_LOGIN = "tenantry"
WEB_LOGIN = "tenantry_web"
SUPERUSER = "postgres"
DATABASE = "tenantry"
SERVERS = ("main", "test")
PORT = 5432
# macOS allows 103 bytes for the path of a socket, Linux 107: the smaller one serves both.
LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server."""

    name: str
    home: Path
    sockets: Path
    locks: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def lock(self) -> Path:
        return self.locks / f"{self.name}.lock"

    @property
    def users(self) -> Path:
        return self.locks / f"{self.name}.users"


def find_place(name: str = "main") -> Place:
    """Say where the server `name` lives; nothing is created."""
    if name not in SERVERS:
        raise EmbeddedError(f"There is no embedded server {name!r}: use one of {', '.join(SERVERS)}.")
    locks = find_var() / "postgres"
    wanted = locks / name
    if runs_as_root():
        home = wanted if fits_socket(wanted) and others_can_reach(wanted) else SYSTEM_HOME / shorten(wanted)
        return Place(name, home, home, locks)
    sockets = wanted if fits_socket(wanted) else find_short_folder(wanted, locks / f"{name}.sockets")
    return Place(name, wanted, sockets, locks)


def find_var() -> Path:
    """Say which folder holds everything that may be thrown away."""
    return Path(os.environ.get("TENANTRY_VAR") or REPOSITORY / "var").absolute()


def build_url(place: Place, login: str, database: str = DATABASE) -> str:
    """Build the address of a database on the server, as libpq, psycopg and django-environ read it."""
    return f"postgresql://{login}@/{database}?host={quote(str(place.sockets))}"


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; root's stay open, so that the service account can walk through."""
    if folder.exists():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise EmbeddedError(
            f"{folder} cannot be made ({error.strerror}): set TENANTRY_VAR to a folder of yours."
        ) from error
    if runs_as_root():
        folder.chmod(0o755)


def runs_as_root() -> bool:
    return os.geteuid() == 0


def fits_socket(folder: Path) -> bool:
    """Tell whether a socket in the folder can be addressed: a comma would begin the next host."""
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(path) <= LONGEST_SOCKET_PATH and b"," not in path


def others_can_reach(folder: Path) -> bool:
    """Tell whether the service account may walk down to the folder (PostgreSQL refuses to run as root)."""
    above = [parent for parent in folder.parents if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in above)


def shorten(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def find_short_folder(wanted: Path, record: Path) -> Path:
    """Name a short private folder for the socket; the record keeps it when TMPDIR changes between shells."""
    if record.exists():
        return Path(record.read_text(encoding="utf-8").strip())
    return Path(tempfile.gettempdir()) / f"tenantry-{os.geteuid()}-{shorten(wanted)}"
