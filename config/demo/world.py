"""What the demo world consists of, as data: nothing here touches the database."""

from dataclasses import dataclass, field
from uuid import UUID

from tenants.models import OrgStatus, PlanTier

PASSWORD = "tenantry-demo"  # noqa: S105 - printed for everybody to read; production refuses the demo
DOMAIN = "demo.test"
# Ids that the requirements name: whoever follows them finds these organizations.
DEMO_ORG = UUID("00000000-0000-0000-0000-000000000100")
DEFAULT_ORG = UUID("a0000000-0000-0000-0000-000000000001")


@dataclass(frozen=True)
class OrgPlan:
    """One organization: how old it is, how many people it has, and its workspaces with their stores."""

    slug: str
    name: str
    domain: str
    age_days: int
    people: int
    workspaces: dict[str, tuple[str, ...]]
    plan_tier: PlanTier = PlanTier.FREE
    id: UUID | None = None
    status: OrgStatus = OrgStatus.ACTIVE
    deleting_days: int | None = None
    timezone: str = "UTC"
    admins: int = 1
    named: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True)
class SignIn:
    """A person of the demo who is printed, so that somebody can sign in as them."""

    email: str
    full_name: str
    what: str
    org_id: UUID | None = None
    role: str = "member"
    is_staff: bool = False
    is_superuser: bool = False


@dataclass(frozen=True)
class AlsoIn:
    """A second membership of somebody: the person with this e-mail is in that organization too."""

    email: str
    slug: str
    role: str
    state: str = "active"


ORGS = (
    OrgPlan(
        slug="brightwater-stores",
        name="Brightwater Stores",
        domain="brightwater.test",
        age_days=410,
        people=22,
        id=DEMO_ORG,
        plan_tier=PlanTier.ENTERPRISE,
        timezone="America/Chicago",
        admins=3,
        workspaces={
            "Main": (),
            "Lake Region": ("Harbor Street", "Northgate Mall", "Pier 9", "Old Market", "Lakeview Plaza"),
            "River Region": ("Mill Road", "Bridge Square", "Union Station", "Cedar Falls"),
            "Online": ("Web Shop", "Outlet"),
        },
    ),
    OrgPlan(
        slug="all-solutions-consulting",
        name="All Solutions Consulting",
        domain="allsolutions.test",
        age_days=330,
        people=14,
        plan_tier=PlanTier.GROWTH,
        timezone="America/New_York",
        admins=2,
        named=(("Alan Whitfield", "owner"), ("Claudia Reyes", "admin"), ("Valentina Orsini", "member")),
        workspaces={
            "Main": (),
            "Family Clinics": ("Maple Avenue Clinic", "Westside Clinic", "Riverside Clinic"),
            "Dental": ("Downtown Dental", "Parkway Dental"),
        },
    ),
    OrgPlan(
        slug="meridian-agency",
        name="Meridian Agency",
        domain="meridian.test",
        age_days=505,
        people=8,
        id=DEFAULT_ORG,
        plan_tier=PlanTier.GROWTH,
        timezone="Europe/London",
        workspaces={"Main": (), "Retail accounts": (), "Health accounts": (), "Studio": ("Studio Shop",)},
    ),
    OrgPlan(
        slug="fjord-and-field",
        name="Fjord & Field",
        domain="fjordfield.test",
        age_days=24,
        people=3,
        timezone="Europe/Oslo",
        workspaces={"Main": ("Harbour Kiosk",)},
    ),
    OrgPlan(
        slug="copper-kettle",
        name="Copper Kettle Coffee",
        domain="copperkettle.test",
        age_days=260,
        people=5,
        status=OrgStatus.SUSPENDED,
        timezone="America/Denver",
        workspaces={"Main": ("Larimer Street", "Union Avenue")},
    ),
    OrgPlan(
        slug="paper-lantern",
        name="Paper Lantern Studio",
        domain="paperlantern.test",
        age_days=190,
        people=4,
        status=OrgStatus.DELETING,
        deleting_days=11,
        timezone="Asia/Tokyo",
        workspaces={"Main": ("Gallery",)},
    ),
)

SIGN_INS = (
    SignIn(
        email=f"admin@{DOMAIN}",
        full_name="Ada Okafor",
        what="superuser: every organization in the console",
        is_staff=True,
        is_superuser=True,
    ),
    SignIn(
        email=f"staff@{DOMAIN}",
        full_name="Stefan Lindqvist",
        what="staff of Brightwater Stores: that organization in the console",
        org_id=DEMO_ORG,
        role="admin",
        is_staff=True,
    ),
    SignIn(
        email=f"owner@{DOMAIN}",
        full_name="Olivia Brennan",
        what="owner of Brightwater Stores, a customer: no console",
        org_id=DEMO_ORG,
        role="owner",
    ),
)

ALSO_IN = (
    AlsoIn(f"owner@{DOMAIN}", "meridian-agency", "admin"),
    AlsoIn(f"owner@{DOMAIN}", "fjord-and-field", "member"),
    AlsoIn("alan.whitfield@allsolutions.test", "brightwater-stores", "member"),
    AlsoIn("claudia.reyes@allsolutions.test", "meridian-agency", "member"),
    AlsoIn("valentina.orsini@allsolutions.test", "brightwater-stores", "member", "inactive"),
    AlsoIn("alan.whitfield@allsolutions.test", "copper-kettle", "owner"),
)


def demo_domains() -> list[str]:
    """The e-mail domains of everybody in the demo; nobody real can have them."""
    return [DOMAIN, *(org.domain for org in ORGS)]
