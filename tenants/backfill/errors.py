"""What can go wrong with a batch job, apart from what `apply` itself raises."""


class BatchSetupError(RuntimeError):
    """The job was called in a way that cannot work; nothing was changed."""


class BatchLockError(RuntimeError):
    """Locks could not be had in any of the attempts; what was committed before stays, the job can go on."""


class PhaseRefused(RuntimeError):
    """A phase that must not begin yet: every reason at once, each with what to do; nothing was changed."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons
