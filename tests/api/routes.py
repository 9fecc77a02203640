"""The routes of the API, as the tests go through them."""

from typing import Any


def actions_of(route: Any) -> dict[str, str]:
    """What each method of an address does; HEAD is a GET without its body."""
    return {method: action for method, action in route.callback.actions.items() if method != "head"}
