"""The proof as a document to attach to a change ticket, in Markdown and JSON."""

import json
from pathlib import Path

from tenants.backfill.verify.results import Proof, Result

MANY_ORGS = 20


def write_report(proof: Proof, folder: Path) -> tuple[Path, Path]:
    """Write conversion.md and conversion.json into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "conversion.md", folder / "conversion.json"
    paths[0].write_text(render_markdown(proof), encoding="utf-8")
    paths[1].write_text(json.dumps(proof.as_json(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return paths


def render_markdown(proof: Proof) -> str:
    """What a reviewer reads: the verdict first, then what speaks against it, then every count."""
    failed = [result for result in proof.results if not result.holds]
    warnings = [result for result in proof.results if result.warns]
    parts = [
        f"# Conversion {proof.conversion}: {'proved' if proof.holds else 'not proved'}",
        f"{proof.at}, PostgreSQL {proof.server}. {len(proof.results)} checks on {len(proof.phases)} tables,"
        f" {len(failed)} of them failed.",
        *([_render_results("What speaks against it", failed)] if failed else []),
        *([_render_results("What to know", warnings)] if warnings else []),
        _render_tables(proof),
        _render_orgs(proof),
        _render_exempt(proof),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _render_results(title: str, results: list[Result]) -> str:
    lines = [f"## {title}", ""]
    for result in results:
        lines.append(f"* **{_cell(result.table)}**, {result.check}: {result.sentence}.")
        lines += [f"  * {_cell(example)}" for example in result.examples]
        if result.remedy:
            lines.append(f"  * Next: `{result.remedy}`")
    return "\n".join(lines)


def _render_tables(proof: Proof) -> str:
    head = ["## Tables", "", "| table | reached | rows | organizations | checks |", "|---|---|---:|---:|---|"]
    return "\n".join([*head, *(_render_table(proof, table) for table in proof.phases)])


def _render_table(proof: Proof, table: str) -> str:
    mine = [result for result in proof.results if result.table == table]
    bad = [result.check for result in mine if not result.holds]
    said = f"**failed: {', '.join(bad)}**" if bad else f"{len(mine)} passed"
    rows, orgs = proof.rows.get(table, 0), len(proof.orgs.get(table, {}))
    return f"| {_cell(table)} | {proof.phases[table]} | {rows:,} | {orgs} | {said} |"


def _render_orgs(proof: Proof) -> str:
    totals: dict[str, int] = {}
    for counts in proof.orgs.values():
        for org, rows in counts.items():
            totals[org] = totals.get(org, 0) + rows
    if not totals:
        return ""
    lines = ["## Rows per organization", "", "| organization | rows |", "|---|---:|"]
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    lines += [f"| {_cell(org)} | {rows:,} |" for org, rows in ranked[:MANY_ORGS]]
    if len(ranked) > MANY_ORGS:
        lines.append(f"| {len(ranked) - MANY_ORGS} more | {sum(rows for _, rows in ranked[MANY_ORGS:]):,} |")
    return "\n".join(lines)


def _render_exempt(proof: Proof) -> str:
    if not proof.exempt:
        return ""
    return f"## Left alone\n\nThe plan exempts {', '.join(map(_cell, proof.exempt))}."


def _cell(text: str) -> str:
    """Text that neither ends a table's cell nor starts another line."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("`", "'")
