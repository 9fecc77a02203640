"""What sign-in and its neighbours answer when they do not do what they were asked."""

from tenants.errors import Refusal


class Unauthenticated(Refusal):
    """Nobody that we know, or no longer; the sentence never says which part was wrong."""

    status = 401
    code = "not-authenticated"


class TooManyAttempts(Refusal):
    """Later: `retry_after` says in how many seconds."""

    status = 429
    code = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts; try again in {retry_after} seconds.")
        self.retry_after = retry_after


class InvalidInput(Refusal):
    """What was sent cannot be used; `errors` says why, by field."""

    status = 400
    code = "invalid"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("Some fields cannot be used as they are.")
        self.errors = errors


class TokenDenied(Refusal):
    """The access token hook does not let this token be issued; status and sentence are the hook's."""

    code = "token-denied"

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status  # type: ignore[misc]
