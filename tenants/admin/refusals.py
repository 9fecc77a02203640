"""What verbs and the database refuse, said in a sentence on the page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from tenants.admin.forms import refusing_form
from tenants.errors import Refusal, conflict_from, constraint_sentences

REFUSALS = (IntegrityError, Refusal, ValidationError)

SENTENCES = {
    "23502": "Something that is needed is missing.",
    "23503": "Something else still refers to this, or this refers to something of another organization.",
    "23505": "There is one like this already.",
    "23514": "A value is not allowed here.",
}
ANY = "The database refuses this."


def explain_refusal(refusal: Exception) -> str:
    """The sentence of a verb, of a model's constraint, or of one of our functions."""
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
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


class RefusalMixin:
    """Turns what verbs and the database refuse into an error on the page."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        show: Callable[..., HttpResponse] = super().changeform_view  # type: ignore[misc]
        try:
            return show(request, *args, **kwargs)
        except REFUSALS as refusal:
            # Once more, with a form that does not validate: the person keeps what they typed.
            request.refusal = explain_refusal(refusal)  # type: ignore[attr-defined]
            return show(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[Any]:
        form: type[Any] = super().get_form(request, *args, **kwargs)  # type: ignore[misc]
        refusal = getattr(request, "refusal", None)
        return refusing_form(form, refusal) if refusal else form

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_message(request, super().changelist_view, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_message(request, super().delete_view, *args, **kwargs)  # type: ignore[misc]

    def _or_message(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except REFUSALS as refusal:
            messages.error(request, explain_refusal(refusal))
            return HttpResponseRedirect(request.get_full_path())
