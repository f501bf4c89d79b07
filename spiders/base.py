"""What every spider shares: the crawl it is given, its counts, and one word for everything that goes wrong."""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self

import scrapy
from OpenSSL import SSL
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.misc import load_object
from service_identity import VerificationError
from twisted.python.failure import Failure

from crawler.fetching.politeness import HostPausedError
from crawler.model.articles import ArticleRead
from crawler.model.city import SourceRole
from crawler.model.errors import AddressRefusedError, OtklikError, PageError
from crawler.model.items import AuthorRole
from crawler.model.ports import Crawl
from crawler.model.text import Text
from crawler.platforms import is_whole_option
from spiders.printed_dates import Moment, read_date

_ROLES = {SourceRole.OFFICIAL: AuthorRole.OFFICIAL, SourceRole.MEDIA: AuthorRole.MEDIA}
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefusedError, "refused"),
    (HostPausedError, "paused"),
    (CannotResolveHostError, "dns"),
    (DownloadTimeoutError, "timeout"),
    (DownloadConnectionRefusedError, "no connection"),
    (DownloadCancelledError, "too large"),
    (ResponseDataLossError, "cut off"),
)


class OpenedCrawl(Protocol):
    """What the function of the setting OTKLIK_CRAWL makes for `scrapy crawl`."""

    crawl: Crawl

    def close(self, spider: "SourceSpider", reason: str) -> None:
        """Write down how the crawl went."""
        ...


class SourceSpider(scrapy.Spider):
    """A spider of one platform. `scrapy crawl NAME -a city=CITY -a source=KEY` reads one source.

    `errors` counts failures, each under one word; `published` is how many posts the source says it has in what was
    read (None when it does not say), `gaps` how many it has that were not seen. `broken` says in one word why the
    source as a whole could not be read, "" if it could. `quota` is what is left today of the calls of its token by
    method, empty where nothing bounds them. `articles` are the pages of articles that were read. `seen` and `failure`
    are filled by the item pipeline. One that does not `asks` anything of anybody reads files.
    """

    platform: ClassVar[str]
    asks: ClassVar[bool] = True
    crawl: Crawl
    opened: OpenedCrawl | None = None
    handle_httpstatus_list: ClassVar[list[int]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.errors: Counter[str] = Counter()
        self.seen = 0
        self.published: int | None = None
        self.gaps = 0
        self.broken = ""
        self.quota: dict[str, int] = {}
        self.articles: list[ArticleRead] = []
        self.failure: Exception | None = None

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, city: str = "", source: str = "", crawl: Crawl | None = None, **kwargs: Any
    ) -> Self:
        """Scrapy's constructor; `crawl` comes from the runner, `city` and `source` from the command line."""
        opened = None
        if crawl is None:
            opened = _opened(crawler, cls.name, city, source)
            crawl = opened.crawl
        if crawl.source.platform != cls.platform:
            raise OtklikError(
                Text(
                    ru=f"Источник {crawl.source.key} — платформы {crawl.source.platform}, а паук {cls.name} читает "
                    f"{cls.platform}: запустите паука его платформы.",
                    en=f"Source {crawl.source.key} is of platform {crawl.source.platform} and spider {cls.name} reads "
                    f"{cls.platform}: run the spider of its platform.",
                )
            )
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.crawl = crawl
        crawler.signals.connect(spider.count_bug, signal=signals.spider_error)
        if opened is not None:
            # The signals keep weak references to methods; the spider keeps what it was opened with.
            spider.opened = opened
            crawler.signals.connect(opened.close, signal=signals.spider_closed)
        return spider

    @property
    def author_role(self) -> AuthorRole:
        """Who speaks in this source, as far as the city file tells."""
        return _ROLES.get(self.crawl.source.role, AuthorRole.UNKNOWN)

    def read_date(self, text: str) -> Moment | None:
        """The time that a page prints, «вчера в 9:10» too, in the source's zone; None for what cannot be read."""
        return read_date(text, self.crawl.clock.now(), self.crawl.source.zone)

    def whole_option(self, name: str, default: int) -> int:
        """An option of the source that is a whole number above 0; the platform names it in `whole_options`."""
        written = self.crawl.source.options.get(name, "")
        if not written:
            return default
        if not is_whole_option(written):
            self.trouble("option", f"{name} = {written}")
            return default
        return int(written)

    def ask(self, url: str, callback: Callable[..., Any], *, entry: bool = False, **request: Any) -> Request:
        """A request whose failures are counted. Without its `entry` page the source counts as not read."""
        meta = {**request.pop("meta", {}), "entry": entry}
        return Request(url, callback, errback=self.failed, meta=meta, **request)

    def failed(self, failure: Failure) -> None:
        """The error callback of every request: counts the failure under one word."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.count_failure(failure, entry=bool(request.meta.get("entry")))

    def count_failure(self, failure: Failure, *, entry: bool = False) -> str:
        """Count a failed request and give its word, for a spider's own error callback."""
        word = word_of(failure.value)
        request: Request = failure.request  # type: ignore[attr-defined]
        self.trouble(word, request.url, str(failure.value), entry=entry)
        return word

    def trouble(self, word: str, where: str, detail: str = "", *, entry: bool = False) -> None:
        """Count one failure. Spiders say "empty", "bot check", "markup" … themselves: silence looks like success."""
        self.errors[word] += 1
        if entry and not self.broken:
            self.broken = word
        self.logger.warning("%s: %s: %s %s", self.crawl.source.key, word, where, detail)

    def count_bug(self) -> None:
        """A callback raised: Scrapy wrote the trace to the log, here it is counted."""
        self.errors["bug"] += 1
        self.broken = self.broken or "bug"


def word_of(error: BaseException | None) -> str:
    """The one word under which a failed request is counted."""
    if isinstance(error, HttpError):
        return f"http {error.response.status}"
    if isinstance(error, PageError):
        return error.word
    if isinstance(error, IgnoreRequest):
        return _word_of_ignored(str(error))
    for kind, word in _WORDS:
        if isinstance(error, kind):
            return word
    return "tls" if _is_tls(error) else "connection"


def _word_of_ignored(message: str) -> str:
    """Scrapy gives its own refusals one class and tells them apart in the message alone."""
    if "robots.txt" in message:
        return "robots"
    if "DOWNLOAD_MAXSIZE" in message:
        return "too large"
    return "redirects" if "redirections" in message else "ignored"


def _is_tls(error: BaseException | None) -> bool:
    """Whether a certificate or the TLS talk failed, seen through Twisted's wrappings."""
    while error is not None:
        if isinstance(error, SSL.Error | VerificationError):
            return True
        reasons = getattr(error, "reasons", None) or ()
        if any(_is_tls(getattr(reason, "value", None)) for reason in reasons):
            return True
        error = error.__cause__
    return False


def _opened(crawler: Crawler, name: str, city: str, source: str) -> OpenedCrawl:
    if not city or not source:
        raise OtklikError(
            Text(
                ru=f"Какой источник? scrapy crawl {name} -a city=ГОРОД -a source=КЛЮЧ",
                en=f"Which source? scrapy crawl {name} -a city=CITY -a source=KEY",
            )
        )
    opened: OpenedCrawl = load_object(crawler.settings["OTKLIK_CRAWL"])(city, source)
    return opened
