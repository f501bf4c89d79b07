"""A row of a table as a post: what the city file maps becomes its fields, all other columns are not kept at all."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from crawler.model.city import Source
from crawler.model.ids import given_id
from crawler.model.items import Author, AuthorRole, Kind, Location, Post, TimePrecision
from crawler.model.stated import with_address
from crawler.model.text import Text
from spiders.printed_dates import Moment
from spiders.table_cells import KINDS, degrees, identity, joined, moment_of, text_of
from spiders.table_rows import BadRow, Row

FIELDS = (
    "id",
    "text",
    "title",
    "author",
    "author_id",
    "published_at",
    "address",
    "kind",
    "url",
    "lat",
    "lon",
)
"""What a column may be mapped to."""
_BETWEEN = {"text": "\n", "title": ". ", "address": ", ", "id": "-"}
_LONGEST_ID = 200

_NO_TEXT = Text("нет текста обращения", "the appeal has no text")
_TITLE_ALONE = Text("нет текста; взят заголовок", "no text; the title stands in")
_NO_ID = Text("нет номера; взята подпись строки", "no number; the digest of the row stands in")
_LONG_ID = Text("номер длиннее 200 знаков", "a number of more than 200 characters")
_NO_DATE = Text(
    "не дата (ждём «25.11.2026 14:05» или дату Excel, не из будущего); взято время прихода",
    "no date (as 25.11.2026 14:05 or a spreadsheet's, not of the future); the arrival stands in",
)
_NO_KIND = Text("неизвестный вид; взято «обращение»", "an unknown kind; taken as an appeal")
_NO_URL = Text("не ссылка http(s); пропущена", "no http(s) link; left out")
_NO_DEGREES = Text("не градусы; точка пропущена", "no degrees; the point is left out")


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a row: a post, or none; and what was wrong with it."""

    post: Post | None
    wrong: tuple[BadRow, ...] = ()


class RowMaker:
    """Makes posts of the rows of one source."""

    def __init__(self, source: Source, now: datetime) -> None:
        assert source.table
        self._source = source
        self._now = now
        self._named = {field: "; ".join(map(str, names)) for field, names in source.table.columns.items()}

    def make(self, row: Row) -> Made:
        """The post of a row. A value that is wrong is left out and told; without a text there is no post."""
        wrong: list[BadRow] = []
        texts = {field: joined(cells, _BETWEEN.get(field, " ")) for field, cells in row.cells.items()}
        title, text = texts.get("title", ""), texts.get("text", "")
        if not text and not title:
            return Made(None, (self._bad(row, "text" if "text" in row.cells else "title", _NO_TEXT, lost=True),))
        given = texts.get("id", "")
        if len(given) > _LONGEST_ID:
            return Made(None, (self._bad(row, "id", _LONG_ID, lost=True),))
        if "text" in row.cells and not text:
            wrong.append(self._bad(row, "text", _TITLE_ALONE))
        if "id" in row.cells and not given:
            wrong.append(self._bad(row, "id", _NO_ID))
        moment = self._moment(row, texts, wrong)
        post = Post(
            id=given_id(self._source.key, given or f"row-{_digest(texts)}"),
            source=self._source.key,
            platform=self._source.platform,
            kind=self._kind(row, texts, wrong),
            text=with_address(text, texts.get("address", "")),
            title=title,
            url=self._url(row, texts, wrong),
            author=self._author(texts),
            location=self._location(row, texts, wrong),
            published_at=moment.at if moment else None,
            precision=moment.precision if moment else TimePrecision.NONE,
            seen_at=self._now,
            raw=_raw(row),
        )
        return Made(post, tuple(wrong))

    def _bad(self, row: Row, field: str, problem: Text, *, lost: bool = False) -> BadRow:
        return BadRow(row.number, self._named[field], problem, lost)

    def _moment(self, row: Row, texts: dict[str, str], wrong: list[BadRow]) -> Moment | None:
        if not texts.get("published_at"):
            return None
        moment = moment_of(row.cells["published_at"], self._source.zone, self._now)
        if moment is None:
            wrong.append(self._bad(row, "published_at", _NO_DATE))
        return moment

    def _kind(self, row: Row, texts: dict[str, str], wrong: list[BadRow]) -> Kind:
        said = texts.get("kind", "").casefold()
        if said and said not in KINDS:
            wrong.append(self._bad(row, "kind", _NO_KIND))
        return KINDS.get(said, Kind.APPEAL)

    def _url(self, row: Row, texts: dict[str, str], wrong: list[BadRow]) -> str:
        url = texts.get("url", "")
        if url and not _is_web(url):
            wrong.append(self._bad(row, "url", _NO_URL))
            return ""
        return url

    def _author(self, texts: dict[str, str]) -> Author | None:
        name, id_ = texts.get("author", ""), texts.get("author_id", "")
        if not name and not id_:
            return None
        # Whoever hands the table down, its rows are what residents said.
        return Author(AuthorRole.RESIDENT, platform_id=identity(id_ or name), name=name)

    def _location(self, row: Row, texts: dict[str, str], wrong: list[BadRow]) -> Location | None:
        if not texts.get("lat") and not texts.get("lon"):
            return None
        lat, lon = degrees(row.cells.get("lat", ()), 90), degrees(row.cells.get("lon", ()), 180)
        if lat is None or lon is None:
            wrong.append(self._bad(row, "lat" if lat is None else "lon", _NO_DEGREES))
            return None
        return Location(lat, lon)


def _digest(texts: dict[str, str]) -> str:
    """What stays the same of a row without a number: when, where and what, not who. 24 hex digits."""
    said = [" ".join(texts.get(field, "").split()) for field in ("published_at", "title", "text", "address")]
    return hashlib.blake2b(json.dumps(said, ensure_ascii=True).encode(), digest_size=12).hexdigest()


def _raw(row: Row) -> bytes:
    """The mapped cells as they came; they are kept sealed."""
    cells = {field: [text_of(cell) for cell in cells] for field, cells in row.cells.items()}
    return json.dumps(cells, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
