"""Forms of the console: a new row's organization, keys within it, and refusals of the database as form errors."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tenants.models.base import OrgModel, org_foreign_keys


class OrgForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of an org table; `console_org_id` is what a new row is given unless the form asks."""

    console_org_id: Any = None

    def _post_clean(self) -> None:
        # Before the model's own checks: its uniques contain the organization.
        row: OrgModel = self.instance
        if row._state.adding:
            chosen = self.cleaned_data.get("org")
            row.org_id = chosen.pk if chosen else self.console_org_id
        super()._post_clean()  # type: ignore[misc]

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"org"} if self.instance.org_id else excluded

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = cleaned.get("org")
        org_id = chosen.pk if chosen else self.instance.org_id or self.console_org_id
        for field in org_foreign_keys(self._meta.model):
            there = cleaned.get(field.name)
            if there is not None and org_id and there.org_id != org_id:
                self.add_error(field.name, "This belongs to another organization.")
        return cleaned


def refusing_form(form: type[Any], sentence: str) -> type[Any]:
    """The same form, which says why the database would not have it."""

    def clean(self: Any) -> None:
        raise ValidationError(sentence)

    return type(form.__name__, (form,), {"clean": clean})
