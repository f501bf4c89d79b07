"""A site in JavaScript from plain data: its pages are empty, scripts fill in the list and each article from JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from demo.servers.local import Answer, LocalServer

_JSON = "application/json; charset=utf-8"
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)


@dataclass(frozen=True, slots=True)
class ScriptedItem:
    """An article at `/news/SLUG`; an empty line in `text` parts paragraphs. The list shows `lead`, else the first."""

    slug: str
    title: str
    text: str
    at: datetime
    lead: str = ""


class ScriptedSite(LocalServer):
    """Serves the list at `/` (`?p=2` and on, `listed` a page, newest first) and the articles. `gone` answers 410.

    Items of the list are `li.item` with `a`, `.date` and `.lead`; the link to the next page is `a.more`. `imprint` is
    in the footer of every page, which is there without scripts too.
    """

    def __init__(self, title: str, items: Iterable[ScriptedItem], *, imprint: str = "") -> None:
        super().__init__()
        self.title = title
        self.items = {item.slug: item for item in items}
        self.imprint = imprint
        self.listed = 10
        self.gone: set[str] = set()

    @property
    def list_url(self) -> str:
        """What a city file's source would name."""
        return f"{self.url}/"

    def add(self, item: ScriptedItem) -> None:
        """Publish an article."""
        self.items[item.slug] = item

    def edit(self, slug: str, text: str) -> None:
        """Change the text of an article."""
        self.items[slug] = replace(self.items[slug], text=text)

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:  # noqa: ARG002
        """A page without its content, the content as JSON, or 404."""
        slug = path.removeprefix("/news/").removeprefix("/api/news/")
        if path in {"/", "/api/news"}:
            page = int(query.removeprefix("p=") or 1)
            return _json(self._list(page)) if path.startswith("/api") else self._page(self.title, f"list({page})")
        if slug in self.gone:
            return Answer(b"<h1>410</h1>", 410)
        if slug not in self.items:
            return Answer(b"<h1>404</h1>", 404)
        if path.startswith("/api/"):
            return _json(_article(self.items[slug]))
        return self._page(self.title, f"article({json.dumps(slug)})")

    def _list(self, page: int) -> dict[str, object]:
        newest = sorted(self.items.values(), key=lambda item: item.at, reverse=True)
        shown = newest[(page - 1) * self.listed : page * self.listed]
        more = f"/?p={page + 1}" if len(newest) > page * self.listed else ""
        return {"items": [_article(item) for item in shown], "more": more}

    def _page(self, title: str, call: str) -> Answer:
        page = _PAGE.replace("TITLE", escape(title)).replace("IMPRINT", escape(self.imprint)).replace("CALL", call)
        return Answer(page.encode())


def _article(item: ScriptedItem) -> dict[str, object]:
    paragraphs = item.text.split("\n\n")
    printed = f"{item.at.day} {_MONTHS[item.at.month - 1]} {item.at:%Y, %H:%M}"
    return {
        "slug": item.slug,
        "title": item.title,
        "paragraphs": paragraphs,
        "lead": item.lead or paragraphs[0],
        "date": printed,
    }


def _json(value: object) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode(), type=_JSON)


_PAGE = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><title>TITLE</title></head>
<body>
<header><a href="/">TITLE</a></header>
<main id="app"></main>
<footer><p>© TITLE. IMPRINT</p></footer>
<script>
const app = document.getElementById("app");
function add(parent, tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text || "";
  if (className) made.className = className;
  return parent.appendChild(made);
}
async function list(page) {
  const told = await (await fetch("/api/news?p=" + page)).json();
  const items = add(app, "ul");
  for (const one of told.items) {
    const item = add(items, "li", "", "item");
    add(item, "a", one.title).href = "/news/" + one.slug;
    add(item, "span", one.date, "date");
    add(item, "p", one.lead, "lead");
  }
  if (told.more) add(app, "a", "Раньше", "more").href = told.more;
}
async function article(slug) {
  const one = await (await fetch("/api/news/" + slug)).json();
  document.title = one.title + " — " + document.title;
  const body = add(app, "article");
  add(body, "h1", one.title);
  add(body, "div", one.date, "date");
  for (const part of one.paragraphs) add(body, "p", part);
}
CALL;
</script>
</body></html>
"""
