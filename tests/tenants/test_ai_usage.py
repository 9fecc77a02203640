"""What AI queries cost: everybody logs and sees their own, admins see all, and sums keep to the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.lifecycle import delete_user
from tenants.models import AiUsage, Dso, UserDsoAccess
from tenants.scope import api_scope, staff_scope
from tests.factories import make_member, make_superuser, owner_of

TODAY = date(2026, 3, 1)


def make_usage(org, user, cost="0.0100", day=TODAY, tokens=(0, 0)):
    return AiUsage.objects.create(
        org=org,
        user=user,
        query_id=uuid4(),
        model="small",
        date=day,
        cost_usd=Decimal(cost),
        input_tokens=tokens[0],
        output_tokens=tokens[1],
    )


def summarize():
    keys = ("org_id", "user_id", "date", "queries", "tokens_in", "tokens_out", "cost")
    return [tuple(row[key] for key in keys) for row in AiUsage.objects.summarize_by_user_and_day()]


def test_everybody_logs_their_own_ai_usage_and_sees_only_that(org):
    member, colleague = make_member(org), make_member(org)
    make_usage(org, colleague.user)
    with api_scope(member.user_id, org.pk):
        mine = make_usage(org, member.user)
        assert list(AiUsage.objects.all()) == [mine]
        with pytest.raises(ProgrammingError), transaction.atomic():
            make_usage(org, colleague.user)


def test_admins_see_all_ai_usage_of_their_organization(org, other_org, owner):
    make_usage(org, make_member(org).user)
    make_usage(other_org, owner_of(other_org))
    with api_scope(owner.pk, org.pk):
        assert AiUsage.objects.count() == 1


def test_ai_usage_is_not_rewritten_by_clients(org, owner):
    make_usage(org, owner)
    with api_scope(owner.pk, org.pk):
        for write in (
            lambda: AiUsage.objects.update(cost_usd=0),
            lambda: AiUsage.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                write()


def test_a_query_is_logged_once(org, owner):
    usage = make_usage(org, owner)
    usage.pk = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        usage.save(force_insert=True)


def test_queries_are_summed_by_person_and_day(org, owner):
    colleague = make_member(org).user
    make_usage(org, owner, "0.0100", tokens=(100, 7))
    make_usage(org, owner, "0.0250", tokens=(50, 3))
    make_usage(org, owner, "1.0000", TODAY + timedelta(days=1))
    make_usage(org, colleague, "0.5000", TODAY + timedelta(days=2))
    with api_scope(owner.pk, org.pk):
        assert summarize() == [
            (org.pk, colleague.pk, TODAY + timedelta(days=2), 1, 0, 0, Decimal("0.5000")),
            (org.pk, owner.pk, TODAY + timedelta(days=1), 1, 0, 0, Decimal("1.0000")),
            (org.pk, owner.pk, TODAY, 2, 150, 10, Decimal("0.0350")),
        ]


def test_a_member_s_sums_are_of_their_own_queries_only(org, owner):
    member = make_member(org).user
    make_usage(org, owner, "5.0000")
    make_usage(org, member, "0.0200")
    with api_scope(member.pk, org.pk):
        assert summarize() == [(org.pk, member.pk, TODAY, 1, 0, 0, Decimal("0.0200"))]


def test_nobody_s_sums_are_empty_and_another_organization_s_are_not_in_them(org, other_org, owner, stranger):
    make_member(other_org, user=owner)
    make_usage(org, owner, "0.0100")
    make_usage(other_org, owner, "0.0300")
    make_usage(other_org, stranger, "0.0400")
    with api_scope(owner.pk, org.pk):
        assert [row[-1] for row in summarize()] == [Decimal("0.0100")]
    with api_scope(owner.pk, other_org.pk):
        assert [row[-1] for row in summarize()] == [Decimal("0.0300")]
    with api_scope(make_member(other_org).user_id, org.pk):
        assert summarize() == []


def test_the_console_s_sums_keep_organizations_apart(org, other_org, owner):
    make_member(other_org, user=owner)
    make_usage(org, owner, "0.0100")
    make_usage(other_org, owner, "0.0300")
    superuser = make_superuser()
    with staff_scope(superuser.pk, other_org.pk):
        assert [row[-1] for row in summarize()] == [Decimal("0.0300")]
    with staff_scope(superuser.pk, all_orgs=True):
        assert {(row[0], row[-1]) for row in summarize()} == {
            (org.pk, Decimal("0.0100")),
            (other_org.pk, Decimal("0.0300")),
        }


def test_what_queries_cost_outlives_the_person_who_asked(org, owner):
    leaver, colleague = make_member(org).user, make_member(org).user
    make_usage(org, leaver, "0.0700")
    delete_user(leaver, actor=leaver)
    with api_scope(owner.pk, org.pk):
        assert summarize() == [(org.pk, None, TODAY, 1, 0, 0, Decimal("0.0700"))]
        assert str(AiUsage.objects.get()) == "small on 2026-03-01 by a person who was deleted"
    with api_scope(colleague.pk, org.pk):
        assert summarize() == []
        with pytest.raises(ProgrammingError), transaction.atomic():
            make_usage(org, None)


def test_a_query_and_an_access_row_say_who_and_what(org, owner):
    usage = make_usage(org, owner)
    access = UserDsoAccess.objects.create(
        org=org, user=owner, dso=Dso.objects.create(org=org, name="Smiles"), expires_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    assert str(usage) == f"small on 2026-03-01 by {owner.email}"
    assert str(access) == f"{owner.email} sees Smiles until 2026-05-01"
