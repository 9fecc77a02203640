"""What a verb has to say: for a person, for a machine, and whether all that was asked is done."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The same answer twice; `failure` set: not all that was asked is done, and this sentence says why."""

    data: dict[str, Any]
    text: str
    failure: str = ""

    def render(self, *, as_json: bool, indent: int | None = 2) -> str:
        return json.dumps(self.data, indent=indent, default=str) if as_json else self.text
