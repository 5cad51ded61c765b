"""What was sent to one door, and what came back that never should."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests

LONGEST = 10.0  # seconds for any answer: beyond it is a hang


@dataclass(slots=True)
class Tally:
    door: str
    sent: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def answered(self, status: int, what: str) -> None:
        self.sent += 1
        self.answers[status] = self.answers.get(status, 0) + 1
        if status >= 500:
            self.wrong.append(f"{status} to {what[:300]}")

    def failed(self, error: Exception, what: str) -> None:
        """A request without an answer: cut off, or a hang."""
        self.sent += 1
        self.wrong.append(f"{type(error).__name__} at {what[:300]}")

    def ask(self, session: requests.Session, method: str, url: str, **more: object) -> None:
        what = f"{method} {url} {more}"
        try:
            answer = session.request(method, url, timeout=LONGEST, **more)  # type: ignore[arg-type]
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL):
            return  # the client itself will not send it
        except requests.RequestException as error:
            self.failed(error, what)
        else:
            self.answered(answer.status_code, what)

    def line(self) -> str:
        answers = ", ".join(f"{number}: {count}" for number, count in sorted(self.answers.items()))
        return f"| {self.door} | {self.sent:,} | {answers or '–'} | {len(self.wrong)} |"


def until(seconds: float) -> Iterator[None]:
    """As often as fits into the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
