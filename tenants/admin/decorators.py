"""Unfold's decorators, with types: columns of a list, and actions that ask before they act."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from unfold.decorators import action, display
from unfold.enums import ActionVariant

F = TypeVar("F", bound=Callable[..., Any])


def column(
    description: str, *, ordering: str | None = None, colours: Mapping[Any, str] | None = None
) -> Callable[[F], F]:
    """A computed column; with colours its value is shown as a label (value, or value and text)."""
    decorate: Callable[[F], F] = display(
        description=description, ordering=ordering, label=dict(colours) if colours else None
    )
    return decorate


def page_action(description: str, *, icon: str, permission: str, primary: bool = False) -> Callable[[F], F]:
    """A button on an object's page that leads to a page of its own, which asks before anything happens."""
    variant = ActionVariant.PRIMARY if primary else ActionVariant.DEFAULT
    decorate: Callable[[F], F] = action(description=description, icon=icon, permissions=(permission,), variant=variant)
    return decorate


def asking_action(description: str, *, icon: str, permission: str, question: str, effect: str) -> Callable[[F], F]:
    """A button on an object's page: a dialog says what will happen, and only its form makes it happen."""
    decorate: Callable[[F], F] = action(
        description=description,
        icon=icon,
        permissions=(permission,),
        dialog={
            "title": question,
            "description": effect,
            "form_class": None,
            "form_submit_text": description,
        },
    )
    return decorate


def list_page(description: str, *, path: str, icon: str, permission: str) -> Callable[[F], F]:
    """A button above a list that leads to a page of its own."""
    decorate: Callable[[F], F] = action(description=description, url_path=path, icon=icon, permissions=(permission,))
    return decorate
