"""One process of a crowd: a thread for each organization reads, writes and reaches for a foreign row, over HTTP.

Reads from standard input who asks where; writes what it saw to standard output, a line each turn, until it is done
or killed.
"""

import http.client
import json
import sys
import threading
from typing import Any

# The server's process was killed under us: no answer, and no fault.
CUT = (ConnectionError, http.client.HTTPException, TimeoutError)
speaking = threading.Lock()


class Client:
    """A person of one organization; every row that is theirs carries their organization's mark in its name."""

    def __init__(self, port: int, person: dict[str, str]) -> None:
        self.port, self.person = port, person
        self.wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.seen: dict[str, Any] = {}
        self.forget()

    def forget(self) -> None:
        self.seen = {"asked": 0, "cut": 0, "crossings": [], "errors": [], "made": []}

    def ask(self, method: str, path: str, body: Any, expected: int) -> Any:
        head = {"Authorization": f"Bearer {self.person['token']}", "Content-Type": "application/json"}
        try:
            self.wire.request(method, f"/api{path}", json.dumps(body) if body else None, head)
            answer = self.wire.getresponse()
            said = answer.read()
        except CUT:
            self.wire.close()
            self.seen["cut"] += 1
            return None
        self.seen["asked"] += 1
        if answer.status != expected:
            self.seen["errors"].append([method, path, answer.status, said[:300].decode(errors="replace")])
            return None
        return json.loads(said)

    def take_turn(self, turn: int) -> None:
        mark = self.person["mark"]
        listed = self.ask("GET", "/customers/?page_size=10", None, 200)
        self.report_foreign(row["name"] for row in listed["results"]) if listed else None
        known = self.ask("GET", "/auth/validate", None, 200)
        self.report_foreign([f"{mark} {known['activeOrgId']}"], f"{mark} {self.person['org']}") if known else None
        self.ask("GET", f"/customers/{self.person['foreign']}/", None, 404)
        self.ask("PATCH", f"/customers/{self.person['foreign']}/", {"name": f"{mark} took it"}, 404)
        if turn % 2 == 0:
            made = self.ask("POST", "/customers/", {"name": f"{mark} {turn}"}, 201)
            self.seen["made"] += [made["id"]] if made else []

    def report_foreign(self, names: Any, whole: str = "") -> None:
        wrong = [n for n in names if not n.startswith(whole or f"{self.person['mark']} ")]
        self.seen["crossings"] += [[self.person["mark"], n] for n in wrong]

    def say(self) -> None:
        with speaking:
            print(json.dumps(self.seen), flush=True)
        self.forget()


def work(port: int, person: dict[str, str], turns: int) -> None:
    client = Client(port, person)
    for turn in range(turns):
        client.take_turn(turn)
        client.say()


def main() -> None:
    wanted = json.load(sys.stdin)
    threads = [threading.Thread(target=work, args=[wanted["port"], p, wanted["turns"]]) for p in wanted["people"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
