"""`identities`: every user's organization for tokens."""

from typing import Any

from accounts.identities import count_behind, find_left_out, give_identities
from config.conversion.answers import Answer
from config.conversion.stops import hold_for_batch


def identities(say: Any, **options: Any) -> Answer:
    """Give them, batch by batch, and name who cannot have one."""
    changed = 0
    with hold_for_batch(say) as asked:
        for progress in give_identities(batch_ms=options["batch_ms"], lock_ms=options["lock_ms"]):
            changed += progress.batch_rows
            if asked():
                break
        stopped = asked()
    left, behind = find_left_out(), count_behind()
    data = {"changed": changed, "behind": behind, "left_out": left.count, "left_out_first": list(left.emails)}
    text = f"{changed:,} users were given their organization; {behind:,} are left to do."
    if stopped and behind:
        return Answer(data, text, "Stopped, as asked. Next: manage.py backfill_org_ids identities")
    if left.count:
        names = ", ".join(left.emails) + (" …" if left.count > len(left.emails) else "")
        return Answer(
            data,
            text,
            f"{left.count:,} people are in no active organization ({names}):"
            " make them members of one, then type again: manage.py backfill_org_ids identities",
        )
    return Answer(data, text)
