"""A page read as a browser reads it, and stricter: what is in it, and whether it is well formed."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "img", "br"}
_TEXTLESS = {"script", "style"}


@dataclass
class Element:
    """An element, the elements it lies in, and all text below it."""

    tag: str
    attributes: dict[str, str | None]
    within: tuple["Element", ...]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words)).strip()

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""


class Page(HTMLParser):
    """A page, or a part of one.

    Raises:
        AssertionError: An element isn't closed, or not where it should be.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open[-1]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {attrs}"
        element = Element(tag, dict(attrs), tuple(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            if element.tag not in _TEXTLESS:
                element.words.append(data)

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def of_class(self, name: str) -> list[Element]:
        return [e for e in self.elements if name in (e.attributes.get("class") or "").split()]

    @property
    def text(self) -> str:
        (body,) = self.all("body")
        return body.text

    def address(self, text: str) -> str:
        """Where the link of this text leads."""
        (found,) = [link for link in self.all("a") if link.text == text]
        return found["href"]
