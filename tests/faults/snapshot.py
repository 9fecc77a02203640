"""All that a schema is, as text: to prove that nothing of a conversion is left when it was rolled back."""

import difflib
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg

from tests.faults.ground import Ground

PARTS = {
    "schema": """select n.nspname, n.nspowner::regrole, {nspacl} from pg_namespace n where n.oid = any(%(in)s)""",
    "relation": """select c.oid::regclass, c.relkind, c.relpersistence, c.relowner::regrole, {relacl}, c.reloptions,
        t.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reltablespace, c.relhassubclass,
        pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class')
        from pg_class c left join pg_class t on t.oid = c.reltoastrelid
        where c.relnamespace = any(%(in)s) and c.relkind <> 'i'""",
    "column": """select a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation, a.attstorage, a.attacl,
        nullif(a.attstattarget, -1), a.attoptions, a.attislocal, a.attinhcount,
        col_description(a.attrelid, a.attnum)
        from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid
            and d.adnum = a.attnum
        where c.relnamespace = any(%(in)s) and a.attnum > 0 and not a.attisdropped and c.relkind <> 'i'""",
    # The entries that a foreign key has for each partition it leads to are marked by no VALIDATE before 18, nor can
    # they be validated by name. Nothing reads the mark: the key's own says that its rows were checked.
    "constraint": """select k.conrelid::regclass, k.conname,
        case when p.oid is null then pg_get_constraintdef(k.oid)
            else regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') end,
        case when p.oid is null then k.convalidated end, k.conislocal,
        k.coninhcount, k.connoinherit, obj_description(k.oid, 'pg_constraint')
        from pg_constraint k left join pg_constraint p on p.oid = k.conparentid and p.conrelid = k.conrelid
        where k.connamespace = any(%(in)s)""",
    "index": """select i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready,
        i.indisclustered, i.indisreplident, c.reloptions, obj_description(c.oid, 'pg_class')
        from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = any(%(in)s)""",
    "trigger": """select t.tgrelid::regclass, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, t.tgparentid <> 0,
        obj_description(t.oid, 'pg_trigger')
        from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = any(%(in)s)
        and not t.tgisinternal""",
    "policy": """select p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = any(%(in)s)""",
    "rule": """select r.ev_class::regclass, r.rulename, pg_get_ruledef(r.oid), r.ev_enabled
        from pg_rewrite r join pg_class c on c.oid = r.ev_class where c.relnamespace = any(%(in)s)""",
    "function": """select p.oid::regprocedure, pg_get_functiondef(p.oid), {proacl}, p.proowner::regrole
        from pg_proc p where p.pronamespace = any(%(in)s)""",
    "statistics": "select pg_get_statisticsobjdef(s.oid) from pg_statistic_ext s where s.stxnamespace = any(%(in)s)",
    "membership": "select m.roleid::regrole, m.member::regrole from pg_auth_members m where m.roleid::regrole::text"
    " like %(roles)s or m.member::regrole::text like %(roles)s",
    "default rights": "select d.defaclnamespace, d.defaclobjtype, d.defaclacl from pg_default_acl d",
}
# Rights by default are rights: null and the same spelled out are one thing.
ACLS = {
    "nspacl": ("n.nspacl", "n", "n.nspowner"),
    "relacl": ("c.relacl", "case when c.relkind = 'S' then 's' else 'r' end::\"char\"", "c.relowner"),
    "proacl": ("p.proacl", "f", "p.proowner"),
}
ACL = """(select array_agg(format('%%s=%%s/%%s %%s', x.grantee::regrole, x.privilege_type, x.grantor::regrole,
x.is_grantable) order by x.grantee::regrole::text, x.privilege_type)
from aclexplode(coalesce({acl}, acldefault({kind}, {owner}))) x)"""
PRIVATE = """
select 'table ' || c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'p')
union all select 'function ' || p.proname from pg_proc p where p.pronamespace = 'private'::regnamespace order by 1
"""


def take_snapshot(ground: Ground, schemas: Sequence[str]) -> list[str]:
    """Sorted lines, the same for the same schemas."""
    acls = {}
    for name, (acl, kind, owner) in ACLS.items():
        acls[name] = ACL.format(acl=acl, kind=kind if "case" in kind else f"'{kind}'", owner=owner)
    lines = []
    with psycopg.connect(ground.dsn, autocommit=True) as session:
        session.execute("set search_path = pg_catalog")
        found = session.execute("select oid from pg_namespace where nspname = any(%s)", [list(schemas)]).fetchall()
        values = {"in": [oid for (oid,) in found], "roles": f"{ground.prefix}%"}
        for part, query in PARTS.items():
            for name, acl in acls.items():
                query = query.replace("{" + name + "}", acl)
            lines += [f"{part}: {' | '.join(map(str, row))}" for row in session.execute(query, values).fetchall()]
        # Made by the conversion beside the schemas; the number in their names is the conversion's.
        lines += [f"private: {name}" for (name,) in session.execute(PRIVATE).fetchall()]
    return sorted(lines)


def dump_schemas(ground: Ground, schemas: Sequence[str], pg_dump: Path) -> list[str]:
    """What pg_dump writes of them, without what differs between two dumps of the same."""
    patterns = [f'--schema="{name}"'.replace('"', '""') for name in schemas]
    patterns = [f'--schema="{name.replace(chr(34), chr(34) * 2)}"' for name in schemas]
    command = [str(pg_dump), "--schema-only", *patterns, ground.dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [
        line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict", "-- Dumped"))
    ]


def compare(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Lines that are gone or new."""
    return list(difflib.unified_diff(before, after, "before", "after", n=0, lineterm=""))
