"""The source files of the house, read once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("postgres", "audit", "tenants", "accounts", "config")
FOLDERS = (*APPS, "tests", "bench", "bin", ".ci")


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.removesuffix(".py").split("/"))

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def imported_modules(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                # `from tenants import admin` names a module in its second half.
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def python_files(*folders: str) -> tuple[Source, ...]:
    paths = [p for folder in folders or FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]
    paths += [] if folders else sorted(ROOT.glob("*.py"))
    return tuple(Source(str(p.relative_to(ROOT)), p.read_text(encoding="utf-8")) for p in paths)
