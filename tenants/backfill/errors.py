"""What can go wrong with a batch job, apart from what `apply` itself raises."""


class BatchSetupError(RuntimeError):
    """The job was called in a way that cannot work; nothing was changed."""


class BatchLockError(RuntimeError):
    """Locks could not be had in any of the attempts; what was committed before stays, the job can go on."""
