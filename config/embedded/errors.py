"""The one error of the embedded server: a sentence for the person at the keyboard."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message says what to type next."""
