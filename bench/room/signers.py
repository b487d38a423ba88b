"""People who sign: so many connections at once, each opening the page, filling it in and sending it, again and again.

    python -m bench.room.signers PORT PATH SECONDS CONNECTIONS FIRST

prints how many were taken, how long each took, and how many each second.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import threading
import time
from urllib.parse import urlencode

from bench.room.measure import percentile

HIDDEN = re.compile(r'<input[^>]*name="(stamp|text|csrf_token)"[^>]*>')
VALUE = re.compile(r'value="([^"]*)"')


def hidden(page: str) -> dict[str, str]:
    """What a form carries that nobody types."""
    found = {}
    for match in HIDDEN.finditer(page):
        value = VALUE.search(match[0])
        found[match[1]] = value[1] if value else ""
    return found


def typed(number: int, page: str) -> bytes:
    """What somebody types into this page."""
    values = {"name": f"Person Number {number}", "email": f"person{number}@example.org", "appearance": "initials"}
    return urlencode(values | {"consent": "y", "remarks": ""} | hidden(page)).encode()


class Signer(threading.Thread):
    """One connection."""

    def __init__(self, port: int, path: str, until: float, numbers: range) -> None:
        super().__init__(daemon=True)
        self.seconds: list[float] = []
        self.wrong = ""
        self._port, self._path, self._until, self._numbers = port, path, until, numbers

    def run(self) -> None:
        """Sign until the time is over."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for number in self._numbers:
            began = time.perf_counter()
            if began > self._until:
                break
            connection.request("GET", self._path, headers={"Accept-Encoding": "identity"})
            opened = connection.getresponse()
            page = opened.read().decode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            if cookie := opened.headers["Set-Cookie"]:  # ours sets none
                headers["Cookie"] = cookie.partition(";")[0]
            connection.request("POST", self._path, typed(number, page), headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != http.client.SEE_OTHER:
                self.wrong = f"{answer.status}: {said[-2000:].decode()}"
                break
            self.seconds.append(time.perf_counter() - began)
        connection.close()


def main() -> None:
    """Sign, and say how it went."""
    port, path, seconds, connections, first = int(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:6])
    began = time.perf_counter()
    many = [
        Signer(port, path, began + seconds, range(start, start + 1_000_000))
        for start in range(int(first), int(first) + int(connections) * 1_000_000, 1_000_000)
    ]
    for one in many:
        one.start()
    for one in many:
        one.join()
    took = time.perf_counter() - began
    wrong = next((one.wrong for one in many if one.wrong), "")
    if wrong:
        sys.exit(f"{path} refused a signature with {wrong}")
    each = [second for one in many for second in one.seconds]
    print(
        json.dumps({"taken": len(each), "seconds": took, "p95": percentile(each, 95), "median": percentile(each, 50)})
    )


if __name__ == "__main__":
    main()
