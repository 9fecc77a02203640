"""What the pages of the access review ask: why, until when, and when it was granted."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.review.looking import Window

# Long enough not to be asked again next week, short enough that somebody looks again.
ACCEPTED_DAYS = 90


class DayInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """A day, chosen as the browser lets one."""

    input_type = "date"


class MomentInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """A day and a time, chosen as the browser lets one."""

    input_type = "datetime-local"


def reason_field(help_text: str) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(label="Reason", max_length=2000, widget=widget, help_text=help_text)


def a_while_from_now() -> Any:
    return (timezone.now() + timedelta(days=ACCEPTED_DAYS)).date()


class AcceptForm(forms.Form):
    """Why a finding is right, and when somebody shall look again."""

    reason = reason_field("Why this access is right. It is shown beside the finding, and in the log.")
    until = forms.DateTimeField(
        label="Until",
        widget=DayInput(),
        initial=a_while_from_now,
        help_text="From this day on it is found again; sooner, if the person is given more.",
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= timezone.now():
            raise forms.ValidationError("Choose a day in the future.")
        return until


class CleaningForm(forms.Form):
    """Why the rows go; where the preview warns, that somebody has read it."""

    reason = reason_field("It stands beside every removed row in the log.")
    read = forms.BooleanField(label="I have read the warnings above", widget=UnfoldBooleanWidget())

    def __init__(self, *args: Any, warned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warned:
            del self.fields["read"]


class WindowForm(forms.Form):
    """When rows were granted, and by whom; one of them at least."""

    since = forms.DateTimeField(label="Granted from (UTC)", required=False, widget=MomentInput())
    until = forms.DateTimeField(label="until before (UTC)", required=False, widget=MomentInput())
    granted_by = forms.CharField(
        label="Granted by", required=False, max_length=254, widget=UnfoldAdminTextInputWidget(), help_text="An e-mail."
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.window:
            raise forms.ValidationError("Name a time or a person: otherwise every access row would be a finding.")
        return cleaned

    def clean_granted_by(self) -> str:
        email: str = self.cleaned_data["granted_by"]
        if "\0" in email:
            raise forms.ValidationError("No e-mail holds this.")
        return email

    @property
    def window(self) -> Window:
        said = self.cleaned_data
        return Window(said.get("since"), said.get("until"), said.get("granted_by") or "")
