"""The access token hook: a SQL function computes the claims of every token, by the contract that Supabase set."""

import json
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.errors import TokenDenied
from tenants.scope import current_scope, service_scope

CALL = "select custom_access_token_hook(%s::jsonb)::text"
# What a hook may neither drop nor change: who the token is for, who issued it, how long, and as which role.
PROTECTED = ("iss", "aud", "exp", "iat", "sub", "session_id", "role", "aal")


class HookBroken(Exception):
    """The hook of this database does not keep the contract; what it answered is not issued."""


def compute_claims(user_id: UUID, claims: dict[str, Any], method: str) -> dict[str, Any]:
    """Let the hook replace the claims; raises TokenDenied when it answers an error."""
    answer = _call_hook({"user_id": str(user_id), "claims": claims, "authentication_method": method})
    if isinstance(answer, dict) and answer.get("error"):
        raise _read_denial(answer["error"])
    computed = answer.get("claims") if isinstance(answer, dict) else None
    if not isinstance(computed, dict):
        raise HookBroken("custom_access_token_hook answered neither claims nor an error")
    if changed := [name for name in PROTECTED if computed.get(name) != claims[name]]:
        raise HookBroken(f"custom_access_token_hook dropped or changed what it must keep: {', '.join(changed)}")
    return computed


def _call_hook(event: dict[str, Any]) -> Any:
    scope = current_scope()
    inside = scope is not None and scope.surface == "service"
    with nullcontext() if inside else service_scope("issue access token"), connection.cursor() as cursor:
        cursor.execute(CALL, [json.dumps(event)])
        return json.loads(cursor.fetchone()[0] or "null")


def _read_denial(error: Any) -> TokenDenied:
    """A client's fault has a status of 4xx; whatever else a hook says is the hook's."""
    status = error.get("http_code") if isinstance(error, dict) else None
    if not isinstance(status, int) or not 400 <= status <= 499:
        raise HookBroken("custom_access_token_hook answered an error that is not 4xx")
    return TokenDenied(status, str(error.get("message") or "This token cannot be issued."))
