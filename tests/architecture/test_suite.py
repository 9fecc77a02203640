"""The suite itself: what would make one test stand in another's way."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_group_that_commits_has_a_database_of_its_own():
    """Groups run before everything else, and what they leave in the log is counted by the tests after them."""
    sharing = []
    for module in sorted((ROOT / "tests").rglob("test_*.py")):
        text = module.read_text(encoding="utf-8")
        conftest = module.with_name("conftest.py")
        around = conftest.read_text(encoding="utf-8") if conftest.exists() else ""
        if (
            "xdist_group(" in text
            and "django_db(transaction=True)" in text
            and "def own_database(" not in text + around
        ):
            sharing.append(str(module.relative_to(ROOT)))
    assert sharing == []
