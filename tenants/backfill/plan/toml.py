"""TOML as far as the standard library leaves it out: writing strings, and where in a file each key stands."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

BARE = re.compile(r"[A-Za-z0-9_-]+")
SPECIAL = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# Everything that matters to where a key stands; of a text that tomllib has read already.
TOKEN = re.compile(
    r'(?P<long>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5})|(?P<text>"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)|(?P<end>\n)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<is>=)|(?P<dot>\.)"
    r"|(?P<space>[ \t\r]+)|(?P<word>[^\s\"'#\[\]{}=.]+)",
    re.DOTALL,
)
Path = tuple[str, ...]


def write_text(text: str) -> str:
    """A string on one line, whatever is in it."""
    written = (SPECIAL.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
    return f'"{"".join(written)}"'


def write_key(text: str) -> str:
    """A key, in quotes where it needs them."""
    return text if BARE.fullmatch(text) else write_text(text)


def write_comment(text: str) -> str:
    """A comment on one line; what would break it is written as in a string."""
    safe = "".join(c if c == "\t" or (ord(c) >= 32 and ord(c) != 127) else write_text(c)[1:-1] for c in text)
    return f"# {safe}".rstrip()


@dataclass
class Places:
    """Lines of keys and headers, and the comments that stand inside sections."""

    lines: dict[Path, int] = field(default_factory=dict)
    notes: dict[Path, list[str]] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Of the key, else of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def find_places(text: str) -> Places:
    """Walk through a valid TOML text and remember where things stand."""
    return _Walk(text.replace("\r\n", "\n")).places


class _Walk:
    """One pass over the tokens: a statement begins at a line's start while no bracket is open."""

    def __init__(self, text: str) -> None:
        self.places = Places()
        self.section: Path = ()
        self.waiting: list[str] = []
        statement: list[tuple[str, str]] = []
        depth, line, first, remarked = 0, 1, 1, False
        for kind, token in _read_tokens(text):
            if kind == "end" and depth == 0:
                if not statement and not remarked:
                    # An empty line parts a person's comment from what stands above the next header.
                    self._flush()
                self._end_statement(statement, first)
                statement, first, remarked = [], line + 1, False
            elif kind == "comment":
                remarked = True
                self._keep_comment(token, alone=not statement)
            elif kind not in ("space", "end"):
                first = first if statement else line
                statement.append((kind, token))
                depth += {"open": 1, "close": -1}.get(kind, 0)
            line += token.count("\n")
        self._end_statement(statement, first)
        self._flush()

    def _keep_comment(self, token: str, *, alone: bool) -> None:
        """A comment inside a section is a person's; one above a header belongs to what discover found."""
        note = token[1:].strip()
        if alone:
            self.waiting.append(note)
        elif self.section:
            self._flush()
            self.places.notes.setdefault(self.section, []).append(note)

    def _flush(self) -> None:
        if self.section and self.waiting:
            self.places.notes.setdefault(self.section, []).extend(self.waiting)
        self.waiting = []

    def _end_statement(self, statement: list[tuple[str, str]], line: int) -> None:
        if not statement:
            return
        if statement[0][0] == "open":
            self.waiting = []
            self.section = _read_path([t for t in statement if t[0] not in ("open", "close")])
            self.places.lines.setdefault(self.section, line)
        else:
            self._flush()
            key = [kind for kind, _ in statement].index("is")
            self._add(self.section + _read_path(statement[:key]), line)

    def _add(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.places.lines.setdefault(path[:length], line)


def _read_tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in TOKEN.finditer(text):
        yield str(match.lastgroup), match.group()


def _read_path(tokens: list[tuple[str, str]]) -> Path:
    parts = [
        str(tomllib.loads(f"x = {token}")["x"]) if kind == "text" else token
        for kind, token in tokens
        if kind in ("text", "word")
    ]
    return tuple(parts)
