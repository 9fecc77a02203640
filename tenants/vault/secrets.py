"""A secret in the hands of a program: nothing shows it but the method that says so."""

from typing import Any, NoReturn

# Of a shorter one four letters would tell too much.
TELLING_LENGTH = 16


class Secret:
    """Printed, logged, formatted or compared, it is a row of dots; `reveal` is the one way to its text."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def last_four(self) -> str:
        """Enough for its owner to recognize it."""
        return self.__text[-4:] if len(self.__text) >= TELLING_LENGTH else ""

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere: pass what it opens instead")

    def __eq__(self, other: Any) -> bool:
        return self is other

    __hash__ = object.__hash__
