"""Access rows that people hold where they are no member: removed for the e-mails that a setting names."""

from typing import Any

from django.conf import settings
from django.db import connection, transaction

from tenants.clinic.catalog import fetch_all

SETTING = "TENANTRY_REVOKE_ACCESS_EMAILS"


class PersonUnknown(RuntimeError):
    """An e-mail of the setting that nobody has; nothing was removed."""


def revoke_access(apps: Any, schema_editor: Any) -> None:
    """Remove their rows of organizations where they are no active member; the audit trigger logs each one."""
    emails = [email.strip().lower() for email in settings.TENANTRY_REVOKE_ACCESS_EMAILS if email.strip()]
    if not emails or not fetch_all("select exists (select from user_dso_access)")[0][0]:
        return
    known = {row[0] for row in fetch_all("select email_lower from users where email_lower = any(%s)", emails)}
    if unknown := sorted(set(emails) - known):
        raise PersonUnknown(
            f"{SETTING} names {', '.join(unknown)}, an e-mail that nobody has. Nothing was removed: correct the"
            " setting, then run `manage.py migrate` again."
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('tenantry.job', 'tenants.0019_clinic_access_cleanup', true)")
        cursor.execute(
            "delete from user_dso_access a using users u where u.id = a.user_id and u.email_lower = any(%s)"
            " and not exists (select from org_members m where m.org_id = a.org_id and m.user_id = a.user_id"
            " and m.state = 'active')",
            [emails],
        )
