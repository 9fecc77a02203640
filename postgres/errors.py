"""What PostgreSQL says of an error, in a line."""


def first_line(error: BaseException) -> str:
    """Its first line, without a full stop, to stand in a sentence; the name of its class where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
