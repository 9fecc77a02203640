"""`verify`: the proof, shown check by check and written as a report."""

from typing import Any

from config.conversion.answers import Answer
from config.conversion.endings import name_plan
from config.conversion.files import load_checked, type_plan
from config.conversion.watching import COMMAND
from tenants.backfill.steering import NoConversion, find_by_schemas
from tenants.backfill.verify.proof import prove
from tenants.backfill.verify.report import write_report
from tenants.backfill.verify.results import Proof, Result
from tenants.models import ConversionState


def verify(**options: Any) -> Answer:
    """Every check on every table of the plan."""
    plan, catalog = load_checked(options["plan"])
    conversion = find_by_schemas(plan.schemas, ConversionState.OPEN, ConversionState.RELEASED)
    if conversion is None:
        raise NoConversion(f"Nothing of this plan was run yet. Next: {COMMAND} run {type_plan(options['plan'])}")
    proof = next(said for said in prove(conversion, plan, catalog) if isinstance(said, Proof))
    text = name_plan(describe_proof(proof), options)
    if options["report"]:
        paths = write_report(proof, options["report"])
        text += f"\nWritten: {', '.join(map(str, paths))}"
    again = f"{COMMAND} verify {type_plan(options['plan'])}"
    failure = "" if proof.holds else f"The conversion is not proved. When mended: {again}"
    return Answer(proof.as_json(), text, failure)


def describe_proof(proof: Proof) -> str:
    """A line per table, then what speaks against it."""
    width = max((len(table) for table in proof.phases), default=0)
    lines = [_describe_table(proof, table, width) for table in proof.phases]
    bad = [result for result in proof.results if not result.holds]
    lines += [f"! {_describe(result)}" for result in proof.results if result.warns]
    lines += [f"✗ {_describe(result)}" for result in bad]
    verdict = "proved" if proof.holds else "not proved"
    lines.append(
        f"Conversion {proof.conversion}: {verdict} by {len(proof.results)} checks on {len(proof.phases)} tables."
    )
    return "\n".join(lines)


def _describe_table(proof: Proof, table: str, width: int) -> str:
    mine = [result for result in proof.results if result.table == table]
    mark = "✓" if all(result.holds for result in mine) else "✗"
    orgs = len(proof.orgs.get(table, {}))
    return (
        f"{mark} {table:<{width}}  {proof.phases[table]:<9}  {proof.rows.get(table, 0):,} rows in {orgs} organizations"
    )


def _describe(result: Result) -> str:
    examples = f" ({'; '.join(result.examples)})" if result.examples else ""
    remedy = f" Next: {result.remedy}" if result.remedy else ""
    return f"{result.table}: {result.sentence}{examples}.{remedy}"
