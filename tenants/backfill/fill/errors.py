"""What can end a fill, or a share of one, before its rows do."""


class FillError(RuntimeError):
    """The fill cannot go on; what was committed stays."""


class LeaseLost(FillError):
    """Another worker has taken the share over; nothing of this batch was kept."""


class ColumnsChanged(FillError):
    """A batch would have changed more than org_id; it was rolled back."""
