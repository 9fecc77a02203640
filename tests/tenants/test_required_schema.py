"""What requirements 0, 3 and 4 name stands in the catalog: columns, keys, checks, indexes, triggers, functions."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

# Where a name or a type differs, section 14 of the design or docs/decisions says why.
COLUMNS = {
    "organizations": {"id": "uuid", "name": "text", "slug": "text", "created_by_id": "uuid"},
    "org_members": {"org_id": "uuid", "user_id": "uuid", "role": "text"},
    "user_profiles": {"user_id": "uuid", "email": "character varying(254)", "full_name": "text", "avatar_url": "text"},
    "user_preferences": {"user_id": "uuid", "theme_preference": "text"},
    "dsos": {"id": "uuid", "org_id": "uuid"},
    "doctors": {"id": "uuid", "org_id": "uuid", "dso_id": "uuid"},
    "user_dso_access": {"user_id": "uuid", "dso_id": "uuid", "org_id": "uuid", "granted_by": "uuid"},
    "customers": {
        "id": "uuid",
        "org_id": "uuid",
        "name": "text",
        "email": "character varying(254)",
        "company": "text",
        "industry": "text",
        "total_revenue": "numeric(12,2)",
        "last_purchase_date": "timestamp with time zone",
        "status": "text",
        "deleted_at": "timestamp with time zone",
    },
    "revenue": {
        "id": "uuid",
        "org_id": "uuid",
        "customer_id": "uuid",
        "amount": "numeric(12,2)",
        "date": "date",
        "category": "text",
        "description": "text",
    },
    "activities": {"id": "uuid", "org_id": "uuid", "type": "text", "customer_id": "uuid", "metadata": "jsonb"},
    "audit_logs": {
        "id": "uuid",
        "org_id": "uuid",
        "user_id": "uuid",
        "action": "text",
        "table_name": "text",
        "record_id": "text",
        "old_data": "jsonb",
        "new_data": "jsonb",
        "created_at": "timestamp with time zone",
    },
    "ai_usage_log": {
        "id": "uuid",
        "user_id": "uuid",
        "org_id": "uuid",
        "query_id": "uuid",
        "input_tokens": "integer",
        "output_tokens": "integer",
        "cost_usd": "numeric(10,4)",
        "model": "text",
        "date": "date",
    },
    "metric_definitions": {
        "key": "text",
        "source": "text",
        "display_name": "text",
        "unit": "text",
        "aggregation_method": "text",
        "category": "text",
        "metadata": "jsonb",
    },
    "metric_events": {
        "id": "uuid",
        "org_id": "uuid",
        "store_id": "uuid",
        "metric_key": "text",
        "value": "numeric(24,6)",
        "dimensions": "jsonb",
        "recorded_at": "timestamp with time zone",
    },
}
OPTIONAL = {
    ("organizations", "created_by_id"),
    ("user_dso_access", "granted_by"),
    ("ai_usage_log", "user_id"),
    ("customers", "last_purchase_date"),
    ("customers", "deleted_at"),
    ("revenue", "customer_id"),
    ("activities", "customer_id"),
    ("audit_logs", "user_id"),
    ("audit_logs", "record_id"),
    ("audit_logs", "old_data"),
    ("audit_logs", "new_data"),
    ("metric_events", "store_id"),
}
NO_UPDATES = {"audit_logs", "metric_events"}
OF_ORG = {"PRIMARY KEY (org_id, id)", "FOREIGN KEY (org_id) REFERENCES organizations(id) ON DELETE CASCADE"}
OF_CUSTOMER = {"FOREIGN KEY (org_id, customer_id) REFERENCES customers(org_id, id) ON DELETE SET NULL (customer_id)"}
KEYS = {
    "organizations": {"PRIMARY KEY (id)", "UNIQUE (slug)"},
    "org_members": OF_ORG | {"UNIQUE (org_id, user_id)"},
    "user_preferences": {"PRIMARY KEY (user_id)", "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"},
    "customers": OF_ORG,
    "revenue": OF_ORG | OF_CUSTOMER,
    "activities": OF_ORG | OF_CUSTOMER,
    "ai_usage_log": OF_ORG,
    "dsos": OF_ORG,
    "doctors": OF_ORG,
    "user_dso_access": OF_ORG,
    "metric_definitions": {"UNIQUE (key)"},
    "metric_events": {
        "PRIMARY KEY (org_id, recorded_at, id)",
        "FOREIGN KEY (org_id, store_id) REFERENCES stores(org_id, id) ON DELETE SET NULL (store_id)",
        "FOREIGN KEY (metric_key) REFERENCES metric_definitions(key)",
    },
}
VALUES = {
    "org_members.role": "owner admin member",
    "user_preferences.theme_preference": "light dark system",
    "customers.status": "active inactive churned",
    "metric_definitions.aggregation_method": "sum avg min max last count p95",
    "activities.type": "signup purchase churn login export",
}
DEFAULTS = {
    "user_preferences.theme_preference": "'system'::text",
    "customers.total_revenue": "0",
    "activities.metadata": "'{}'::jsonb",
    "ai_usage_log.input_tokens": "0",
    "ai_usage_log.output_tokens": "0",
    "ai_usage_log.cost_usd": "0",
}
# docs/decisions/0010-index-names.md: a key stands where its own index would find nothing faster.
INDEXES = {
    "organizations_slug_key": "UNIQUE organizations (slug)",
    "org_members_person": "UNIQUE org_members (org_id, user_id)",
    "customers_pkey": "UNIQUE customers (org_id, id)",
    "revenue_pkey": "UNIQUE revenue (org_id, id)",
    "activities_pkey": "UNIQUE activities (org_id, id)",
    "audit_logs_pkey": "UNIQUE audit_logs (org_id, created_at, id)",
    "ai_usage_log_pkey": "UNIQUE ai_usage_log (org_id, id)",
    "idx_customers_status": "customers (org_id, status) WHERE (deleted_at IS NULL)",
    "idx_revenue_date": "revenue (org_id, date)",
    "idx_activities_type": "activities (org_id, type)",
    "idx_activities_metadata": "activities USING gin (metadata)",
    "idx_ai_usage_date": "ai_usage_log (org_id, date, user_id)",
    "idx_metric_events_store": "metric_events (org_id, store_id, recorded_at DESC)",
    "idx_users_active_org": "users (active_org_id) WHERE (active_org_id IS NOT NULL)",
}


def ask(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_its_columns_and_keeps_its_times(table):
    found = {
        name: (kind, required)
        for name, kind, required in ask(
            "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            table,
        )
    }
    times = {"created_at": "timestamp with time zone", "updated_at": "timestamp with time zone"}
    wanted = COLUMNS[table] | ({} if table in NO_UPDATES else times)
    assert {name: found.get(name) for name in wanted} == {
        name: (kind, (table, name) not in OPTIONAL) for name, kind in wanted.items()
    }
    triggers = {name for (name,) in ask("select tgname from pg_trigger where tgrelid = %s::regclass", table)}
    if table not in NO_UPDATES:
        assert {f"set_updated_at_{table}", f"audit_{table}"} <= triggers


@pytest.mark.parametrize("table", KEYS)
def test_a_table_has_its_keys(table):
    found = ask("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass", table)
    assert KEYS[table] <= {text for (text,) in found}


@pytest.mark.parametrize("column", VALUES)
def test_a_column_takes_its_values_only(column):
    table, name = column.split(".")
    values = ", ".join(f"'{value}'::text" for value in VALUES[column].split())
    found = ask(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c'", table
    )
    assert (f"CHECK (({name} = ANY (ARRAY[{values}])))",) in found


def test_columns_have_their_defaults():
    found = ask(
        "select d.adrelid::regclass || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid)"
        " from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum"
    )
    assert {key: dict(found).get(key) for key in DEFAULTS} == DEFAULTS


def test_indexes_have_their_names_or_a_key_serves():
    found = {
        name: text.replace(f"INDEX {name} ON ", "").replace("CREATE ", "").replace(" USING btree", "")
        for name, text in ask("select indexname, indexdef from pg_indexes where schemaname = 'public'")
    }
    plain = {name: text.replace("ONLY ", "").replace("public.", "") for name, text in found.items()}
    assert {name: plain.get(name) for name in INDEXES} == INDEXES


def test_the_functions_that_sql_users_call_are_there():
    names = ("audit_trigger_function()", "handle_new_user()", "new_id()", "auth_org_id()", "auth_user_id()")
    assert [name for name in names if ask("select to_regprocedure(%s) is null", name)[0][0]] == []
