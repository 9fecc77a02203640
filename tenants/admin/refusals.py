"""What the database refuses, said in a sentence for a form."""

from django.apps import apps
from django.db import IntegrityError

from tenants.errors import conflict_from

SENTENCES = {
    "23502": "Something that is needed is missing.",
    "23503": "Something else still refers to this, or this refers to something of another organization.",
    "23505": "There is one like this already.",
    "23514": "A value is not allowed here.",
}
ANY = "The database refuses this."


def explain_refusal(refusal: Exception) -> str:
    """The sentence of a verb, of a model's constraint, or of one of our functions."""
    if not isinstance(refusal, IntegrityError):
        return str(refusal)
    if conflict := conflict_from(refusal):
        return conflict.sentence
    diagnosis = getattr(refusal.__cause__, "diag", None)
    if diagnosis is None:
        return ANY
    if sentence := constraint_sentences().get(diagnosis.constraint_name or ""):
        return sentence
    return SENTENCES.get(diagnosis.sqlstate or "", ANY)


def constraint_sentences() -> dict[str, str]:
    """What the models say about their own constraints."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }
