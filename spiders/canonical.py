"""One address for one article, however it is linked.

Decided: the fragment and tracking parameters go, the query is sorted, http equals https, `www.` and a slash at the end
mean nothing, the default port goes; a page's `rel=canonical` wins if it stays on the site and is not its front page.
"""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

_TRACKING = re.compile(r"utm_\w+|[a-z_]*openstat|yclid|ysclid|gclid|fbclid|igshid|mc_[ce]id|rss", re.IGNORECASE)
_ORIGIN = frozenset({"from", "ref", "referrer", "source"})
_CHANNELS = frozenset({"rss", "feed", "atom", "yandex", "yandex_news", "zen", "telegram", "tg", "vk", "ok", "main"})
_LONGEST = 1500


def canonical_url(url: str) -> str:
    """The one form of an http(s) address; "" for anything else, for a malformed and for an endless one."""
    try:
        parts = urlsplit(canonicalize_url(url.strip()))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > _LONGEST:
        return ""
    host = parts.hostname.removeprefix("www.") + (f":{port}" if port and port not in {80, 443} else "")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query, True) if not _tracks(name, value)])
    return urlunsplit(("https", host, parts.path.rstrip("/") or "/", query, ""))


def article_id(url: str, declared: str = "") -> str:
    """`news:<canonical URL>` of a page fetched from `url` that declares `declared` as its canonical address."""
    own = canonical_url(url)
    told = canonical_url(joined(url, declared)) if declared else ""
    return f"news:{told if told and same_site(told, own) and not is_front(told) else own}"


def same_site(one: str, other: str) -> bool:
    """Whether two canonical addresses are of one host."""
    return urlsplit(one).netloc == urlsplit(other).netloc


def is_front(url: str) -> bool:
    """Whether a canonical address is that of a site's front page."""
    parts = urlsplit(url)
    return parts.path == "/" and not parts.query


def _tracks(name: str, value: str) -> bool:
    return bool(_TRACKING.fullmatch(name)) or (name.lower() in _ORIGIN and value.lower() in _CHANNELS)


def joined(base: str, url: str) -> str:
    """`url` as a page at `base` means it, "" for what is no URL (`http://[x`)."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""
