"""What a page is made of, apart from its words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

LINKS = {"href", "src", "action", "formaction", "srcset", "data-href"}


@dataclass
class Markup:
    """Tags with the names of their attributes, where its links lead, its words."""

    tags: set[tuple[str, str]] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    words: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Markup()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.tags |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.found.links |= {value or "" for name, value in attrs if name in LINKS}

    def handle_data(self, data: str) -> None:
        self.found.words += data


def markup_of(html: str) -> Markup:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found
