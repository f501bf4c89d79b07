"""What is known of a news site: how its feed was answered, and every article that may still change."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.model.items import TimePrecision
from spiders.printed_dates import Moment

_SOONEST = timedelta(minutes=15)
_MOST_KNOWN = 2000
_MOST_SHARED = 200
# A page that is away is asked for once more after the first, and no longer than the second.
_AWAY = timedelta(hours=1)
_AWAY_AT_MOST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """An article. `digest` is that of its feed item; `post` is "" while only remembered as too old to be read, and
    does not change any more, whatever address the page declares later. `whole` tells that its page was read.

    `etag` and `modified` are those of its page; `away` is when it was first not found; times are ISO 8601.
    """

    url: str = ""
    digest: str = ""
    first: str = ""
    checked: str = ""
    post: str = ""
    whole: bool = False
    etag: str = ""
    modified: str = ""
    published: str = ""
    precision: str = TimePrecision.NONE.value
    away: str = ""

    def is_due(self, now: datetime, revisit: timedelta) -> bool:
        """Whether its page is to be asked again: at doubling intervals, for `revisit` after it was first seen; a page
        that was not found, an hour later.
        """
        if self.away and now - datetime.fromisoformat(self.away) <= _AWAY_AT_MOST:
            return self.is_gone(now)
        first, checked = datetime.fromisoformat(self.first), datetime.fromisoformat(self.checked)
        return bool(self.post) and now - first <= revisit and now - checked >= max(_SOONEST, checked - first)

    def is_gone(self, now: datetime) -> bool:
        """Whether not finding it now means that it is gone: sites lose all their pages for minutes when they move."""
        return bool(self.away) and now - datetime.fromisoformat(self.away) >= _AWAY

    def is_remembered(self, now: datetime, revisit: timedelta) -> bool:
        """Whether it is still to be asked for, though no feed lists it."""
        since = datetime.fromisoformat(self.first)
        return now - since <= revisit or bool(self.away and now - datetime.fromisoformat(self.away) <= _AWAY_AT_MOST)

    def moment(self) -> Moment | None:
        """When it was published, as its feed said."""
        if not self.published:
            return None
        return Moment(datetime.fromisoformat(self.published).astimezone(UTC), TimePrecision(self.precision))

    def with_moment(self, moment: Moment | None) -> "Known":
        """The same with the time that its feed says."""
        if moment is None:
            return self
        return replace(self, published=moment.at.isoformat(), precision=moment.precision.value)


@dataclass(frozen=True, slots=True)
class NewsCursor:
    """`articles` by the canonical address of the feed's link; `etag` and `modified` are the feed's. `shared` are
    addresses that several pages declared as their own, and none has from then on. `unread`: what was listed was not all
    read.
    """

    etag: str = ""
    modified: str = ""
    articles: dict[str, Known] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    unread: bool = False

    @classmethod
    def parse(cls, text: str) -> "NewsCursor":
        """A cursor written by `str()`; ValueError if it is none. "" is that of a first crawl."""
        if not text:
            return cls()
        try:
            data = json.loads(text)
            articles = {key: Known(**known) for key, known in data["articles"].items()}
            for known in articles.values():
                datetime.fromisoformat(known.first), datetime.fromisoformat(known.checked), known.moment()
                datetime.fromisoformat(known.away or known.first)
            shared = tuple(str(address) for address in data.get("shared", ()))
            return cls(str(data["etag"]), str(data["modified"]), articles, shared, bool(data.get("unread")))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(text) from error

    def __str__(self) -> str:
        plain = ((key, asdict(known)) for key, known in self.articles.items())
        articles = {key: {name: value for name, value in known.items() if value} for key, known in plain}
        told: dict[str, object] = {
            "etag": self.etag,
            "modified": self.modified,
            "articles": articles,
            "shared": self.shared,
        }
        if self.unread:
            told["unread"] = True
        return json.dumps(told, ensure_ascii=False)

    def with_shared(self, address: str) -> "NewsCursor":
        """The same, remembering that an address is declared by several pages."""
        return replace(self, shared=(*(other for other in self.shared if other != address), address)[-_MOST_SHARED:])

    def owner(self, post: str, but: str) -> str:
        """The key of the article, other than `but`, that is or would be this post; "" if there is none."""
        key = post.removeprefix("news:")
        if key != but and key in self.articles:
            return key
        return next((other for other, known in self.articles.items() if known.post == post and other != but), "")

    def without_old(self, now: datetime, revisit: timedelta, listed: set[str] | None) -> "NewsCursor":
        """Without articles that no re-visit asks for any more and that the feed (`listed`) no longer lists."""
        kept = {
            key: known
            for key, known in self.articles.items()
            if listed is None or key in listed or known.is_remembered(now, revisit)
        }
        newest = sorted(kept, key=lambda key: kept[key].first)[-_MOST_KNOWN:]
        return replace(self, articles={key: kept[key] for key in kept.keys() & set(newest)})
