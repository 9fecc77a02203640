"""Pages that ask before a verb runs: what will happen in a sentence, a form, and what the verb refuses in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from tenants.admin.refusals import REFUSALS, explain_refusal
from tenants.errors import Conflict

# So many rows are named before a page only counts the others.
NAMED = 20
LARGEST = 1_000


@dataclass(frozen=True)
class Question:
    """What a page asks: `effect` says what will be different, sentence by sentence; `rows` whom or what it is about."""

    title: str
    effect: tuple[str, ...]
    submit: str
    back: str
    form: type[forms.Form] = forms.Form
    initial: dict[str, Any] = field(default_factory=dict)
    icon: str = "help"
    danger: bool = False
    rows: tuple[str, ...] = ()
    # What a text field offers, by `list="suggestions"`.
    suggestions: tuple[str, ...] = ()
    # What an action on a list has to send again with its answer.
    carried: tuple[tuple[str, str], ...] = ()


def ask_first(request: HttpRequest, question: Question, act: Callable[[dict[str, Any]], str]) -> HttpResponse:
    """The page; once its form is sent, `act` runs, says what it did, and the person is back where they came from."""
    answered = request.method == "POST" and (not question.carried or "post" in request.POST)
    form = question.form(request.POST if answered else None, initial=question.initial)
    if answered and form.is_valid():
        try:
            with transaction.atomic():
                said = act(form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, explain_refusal(refusal))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(question.back)
    context = {
        **admin.site.each_context(request),
        "title": question.title,
        "question": question,
        "form": form,
        "more": max(0, len(question.rows) - NAMED),
        "rows": question.rows[:NAMED],
    }
    return render(request, "console/verb_page.html", context)


def take_selected(queryset: Any, *related: str) -> list[Any]:
    """The rows of a selection; so many that one transaction would hold them all for minutes are refused."""
    rows = list(queryset.select_related(*related)[: LARGEST + 1])
    if len(rows) > LARGEST:
        raise Conflict(f"At most {LARGEST:,} at a time: narrow the list by a filter or a search first.")
    return rows


def carried_from(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """The selection of a list's action, for its page to send again."""
    sent = [("action", request.POST.get("action", "")), ("select_across", request.POST.get("select_across", "0"))]
    return (*sent, *(("_selected_action", key) for key in request.POST.getlist("_selected_action")))


def run_each(rows: Iterable[Any], act: Callable[[Any], Any]) -> tuple[int, list[str]]:
    """Each by itself: what one refuses keeps no other back. Returns how many went, and why the others did not."""
    done, refused = 0, []
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
        except REFUSALS as refusal:
            refused.append(f"{row}: {explain_refusal(refusal)}")
        else:
            done += 1
    return done, refused


def tell_each(request: HttpRequest, done: int, refused: list[str], what: str) -> str:
    """One sentence for what went, and a warning for each of the others."""
    for sentence in refused[:NAMED]:
        messages.warning(request, sentence)
    if len(refused) > NAMED:
        messages.warning(request, f"And {len(refused) - NAMED} more stay as they are.")
    return f"{what}: {done}."


def actor_of(request: HttpRequest) -> Any:
    """Who asks, as verbs take it."""
    return request.user


class FindingMixin:
    """For an admin with pages of verbs: the row they are about, read once a request."""

    def find(self, request: HttpRequest, object_id: Any) -> Any:
        """The row, if the scope sees it."""
        held: dict[str, Any] = request.__dict__.setdefault("found_rows", {})
        key = str(object_id)
        if key not in held:
            held[key] = self._read(request, key)
        return held[key]

    def find_or_404(self, request: HttpRequest, object_id: Any) -> Any:
        row = self.find(request, object_id)
        if row is None:
            raise Http404
        return row

    def allows(self, request: HttpRequest, object_id: Any, permission: str, **when: Any) -> bool:
        """Whether the person may, and the row stands as it has to; what is not there is left to the page's 404."""
        if not request.user.has_perm(permission):
            return False
        row = self.find(request, object_id) if object_id is not None else None
        return row is None or all(getattr(row, name) in wanted for name, wanted in when.items())

    def _read(self, request: HttpRequest, key: str) -> Any:
        screen: Any = self
        try:
            return screen.get_object(request, key)
        except (ValidationError, ValueError):
            return None
