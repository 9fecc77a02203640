"""Print what a run of the suite counted, and fail when a test was skipped or none ran.

usage: python .ci/count_tests.py REPORT.xml NAME
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator


def main() -> int:
    path, name = sys.argv[1:]
    # pytest wrote the file a moment ago: nothing in it comes from outside.
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))  # noqa: S314
    skipped = list(find_skipped(cases))
    print(f"{name}: {len(cases)} tests, {len(skipped)} skipped")
    for line in skipped:
        print(f"  skipped: {line}", file=sys.stderr)
    return 1 if skipped or not cases else 0


def find_skipped(cases: list[ElementTree.Element]) -> Iterator[str]:
    for case in cases:
        reason = case.find("skipped")
        # An expected failure is written as skipped as well, and is none.
        if reason is not None and reason.get("type") != "pytest.xfail":
            yield f"{case.get('classname')}.{case.get('name')}: {reason.get('message')}"


if __name__ == "__main__":
    sys.exit(main())
