"""Organizations, their members, invitations, workspaces and stores; each table is born guarded."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.fields
import tenants.slugs


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_functions"), ("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "slug",
                    models.TextField(
                        db_comment="Its name in addresses.", unique=True, validators=[tenants.slugs.validate_slug]
                    ),
                ),
                (
                    "slug_skeleton",
                    models.GeneratedField(
                        db_comment="The slug with look-alike letters made equal: two organizations cannot be mistaken for each other.",
                        db_persist=True,
                        error_messages={"unique": "This slug looks like that of another organization."},
                        expression=models.Func(
                            models.Func(
                                models.Func(
                                    "slug",
                                    models.Value("01i-"),
                                    models.Value("oll"),
                                    function="TRANSLATE",
                                    output_field=models.TextField(),
                                ),
                                models.Value("m"),
                                models.Value("rn"),
                                function="REPLACE",
                                output_field=models.TextField(),
                            ),
                            models.Value("w"),
                            models.Value("vv"),
                            function="REPLACE",
                            output_field=models.TextField(),
                        ),
                        output_field=models.TextField(),
                        unique=True,
                    ),
                ),
                ("name", models.TextField()),
                (
                    "status",
                    models.TextField(
                        choices=[("active", "Active"), ("suspended", "Suspended"), ("deleting", "Deleting")],
                        db_default="active",
                        default="active",
                    ),
                ),
                (
                    "deleting_since",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When deletion was asked for; it is final after a grace period.",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "plan_tier",
                    models.TextField(
                        choices=[("free", "Free"), ("growth", "Growth"), ("enterprise", "Enterprise")],
                        db_default="free",
                        default="free",
                    ),
                ),
                (
                    "feature_flags",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "white_label_config",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="created_organizations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "organizations",
                "db_table_comment": "Customers; the id is the org_id of every org table.",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "email_lower",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("email"),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        db_default="member",
                        default="member",
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("pending", "Pending"), ("accepted", "Accepted"), ("revoked", "Revoked")],
                        db_default="pending",
                        default="pending",
                    ),
                ),
                (
                    "token_hash",
                    models.TextField(
                        db_comment="SHA-256 of the token; the token itself is only in the mail.", editable=False
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "db_table": "invitations",
                "db_table_comment": "People asked into an organization who have not accepted, or have.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OrgMember",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        db_default="member",
                        default="member",
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("pending", "Pending"), ("active", "Active"), ("inactive", "Inactive")],
                        db_default="active",
                        default="active",
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(
                        blank=True, db_comment="When the person became active; kept afterwards.", null=True
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="tenants.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "member",
                "db_table": "org_members",
                "db_table_comment": "Who is in which organization, with which role.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField()),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "db_table": "workspaces",
                "db_table_comment": "Parts of an organization; every organization begins with one.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField()),
                (
                    "timezone",
                    models.TextField(
                        db_comment="IANA name; days of its figures begin there.", db_default="UTC", default="UTC"
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "workspace",
                    tenants.fields.OrgForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="tenants.workspace"
                    ),
                ),
            ],
            options={
                "db_table": "stores",
                "db_table_comment": "Places of sale, in workspaces.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.CreateModel(
            name="WorkspaceMember",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("manager", "Manager"), ("member", "Member")], db_default="member", default="member"
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "workspace",
                    tenants.fields.OrgForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="tenants.workspace"
                    ),
                ),
            ],
            options={
                "db_table": "workspace_members",
                "db_table_comment": "Which members work in which workspace.",
                "ordering": ["-org_id", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "suspended", "deleting"])), name="organizations_status"
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("plan_tier__in", ["free", "growth", "enterprise"])), name="organizations_plan_tier"
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleting_since__isnull", False), ("status", "deleting")),
                    models.Q(models.Q(("status", "deleting"), _negated=True), ("deleting_since__isnull", True)),
                    _connector="OR",
                ),
                name="organizations_deleting_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="organizations_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__length__range", (2, 63)), ("slug__regex", "^[a-z0-9]+(?:-[a-z0-9]+)*$")),
                name="organizations_slug",
                violation_error_message="A slug is 2 to 63 lower-case letters, digits and single hyphens.",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "slug__in",
                        [
                            "about",
                            "abuse",
                            "access",
                            "account",
                            "accounts",
                            "admin",
                            "administrator",
                            "api",
                            "app",
                            "apps",
                            "assets",
                            "audit",
                            "auth",
                            "billing",
                            "blog",
                            "callback",
                            "cdn",
                            "console",
                            "contact",
                            "dashboard",
                            "dev",
                            "docs",
                            "download",
                            "email",
                            "embed",
                            "events",
                            "export",
                            "favicon",
                            "feedback",
                            "ftp",
                            "graphql",
                            "health",
                            "healthz",
                            "help",
                            "home",
                            "hooks",
                            "host",
                            "hostmaster",
                            "imap",
                            "import",
                            "info",
                            "internal",
                            "invitations",
                            "invite",
                            "jobs",
                            "legal",
                            "livez",
                            "local",
                            "localhost",
                            "login",
                            "logout",
                            "mail",
                            "me",
                            "media",
                            "metrics",
                            "mx",
                            "new",
                            "ns",
                            "null",
                            "oauth",
                            "openapi",
                            "organization",
                            "organizations",
                            "owner",
                            "ping",
                            "pop",
                            "postmaster",
                            "pricing",
                            "privacy",
                            "private",
                            "profile",
                            "public",
                            "readyz",
                            "redirect",
                            "register",
                            "robots",
                            "root",
                            "rss",
                            "schema",
                            "security",
                            "service",
                            "settings",
                            "signin",
                            "signout",
                            "signup",
                            "sitemap",
                            "smtp",
                            "sso",
                            "staff",
                            "staging",
                            "static",
                            "status",
                            "store",
                            "support",
                            "sync",
                            "sysadmin",
                            "system",
                            "team",
                            "teams",
                            "tenantry",
                            "terms",
                            "test",
                            "tokens",
                            "undefined",
                            "upload",
                            "uploads",
                            "user",
                            "users",
                            "webhooks",
                            "webmaster",
                            "well-known",
                            "workspaces",
                            "www",
                        ],
                    ),
                    _negated=True,
                ),
                name="organizations_slug_reserved",
                violation_error_message="This slug is reserved.",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=tenants.constraints.OrgGuard(
                access="organizations", name="organizations_guard", org_column="id", version="6d73ceb2c47f"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "admin", "member"])), name="invitations_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "accepted", "revoked"])), name="invitations_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "pending")),
                fields=("org", "email_lower"),
                name="invitations_one_pending",
                violation_error_message="This address has an open invitation already; send it again instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("token_hash", "org"), name="invitations_token"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=tenants.constraints.OrgGuard(
                access="invitations", name="invitations_guard", redacted=("token_hash",), version="0fbaf4a83769"
            ),
        ),
        migrations.AddIndex(
            model_name="orgmember",
            index=models.Index(fields=["user", "joined_at", "id"], name="idx_org_members_user"),
        ),
        migrations.AddConstraint(
            model_name="orgmember",
            constraint=models.UniqueConstraint(
                fields=("org", "user"),
                name="org_members_person",
                violation_error_message="This person is a member already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orgmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "admin", "member"])), name="org_members_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="orgmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "active", "inactive"])), name="org_members_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="orgmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), _negated=True), ("joined_at__isnull", False), _connector="OR"
                ),
                name="org_members_joined_at",
                violation_error_message="An active member has joined at some time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orgmember",
            constraint=tenants.constraints.OrgGuard(access="members", name="org_members_guard", version="27d6487238b0"),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="workspaces_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.UniqueConstraint(fields=("org", "name"), name="workspaces_name"),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=tenants.constraints.OrgGuard(
                access="workspaces", name="workspaces_guard", version="650cf637ea70"
            ),
        ),
        migrations.AddIndex(
            model_name="store",
            index=models.Index(fields=["org", "workspace"], name="stores_workspace_id_pair"),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="stores_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(fields=("org", "workspace", "name"), name="stores_name"),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=tenants.constraints.OrgGuard(access="business", name="stores_guard", version="53a0e82e1010"),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "workspace_id"),
                name="fk_stores_workspace_id",
                on_delete="",
                to="tenants.workspace",
                to_columns=("org_id", "id"),
            ),
        ),
        migrations.AddIndex(
            model_name="workspacemember",
            index=models.Index(fields=["org", "user"], name="idx_workspace_members_person"),
        ),
        migrations.AddIndex(
            model_name="workspacemember",
            index=models.Index(fields=["org", "workspace"], name="workspace_members_wor_0d6a6a8d"),
        ),
        migrations.AddConstraint(
            model_name="workspacemember",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["manager", "member"])), name="workspace_members_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="workspacemember",
            constraint=models.UniqueConstraint(
                fields=("org", "workspace", "user"),
                name="workspace_members_person",
                violation_error_message="This person is in the workspace already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspacemember",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "user_id"),
                name="fk_workspace_members_org_member",
                on_delete="CASCADE",
                to="tenants.orgmember",
                to_columns=("org_id", "user_id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="workspacemember",
            constraint=tenants.constraints.OrgGuard(
                access="business", name="workspace_members_guard", version="53a0e82e1010"
            ),
        ),
        migrations.AddConstraint(
            model_name="workspacemember",
            constraint=tenants.constraints.CompositeForeignKey(
                columns=("org_id", "workspace_id"),
                name="fk_workspace_members_workspace_id",
                on_delete="CASCADE",
                to="tenants.workspace",
                to_columns=("org_id", "id"),
            ),
        ),
    ]
