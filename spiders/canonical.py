"""One address for one article, however it is linked.

Decided: the fragment (unless it is the page: `#!…`, `#/…`) and tracking parameters go, the query is sorted, http equals
https, `www.` and a slash at the end mean nothing, the default port goes; a page's `rel=canonical` wins if it stays on
the site and is neither its front page nor a section that the page lies in.
"""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

_TRACKING = re.compile(r"utm_\w+|[a-z_]*openstat|yclid|ysclid|gclid|fbclid|igshid|mc_[ce]id", re.IGNORECASE)
_ORIGIN = frozenset({"from", "ref", "referrer", "source"})
_CHANNELS = frozenset({"rss", "feed", "atom", "yandex", "yandex_news", "zen", "telegram", "tg", "vk", "ok", "main"})
_LONGEST = 1500
_PAGE_FRAGMENTS = ("!", "/")
# A last part of a path that is one article's own: with a number, or of several words.
_OWN_NAME = re.compile(r"\d{3}|[^\W_][-_][^\W_]")
_NUMBER = re.compile(r"\d{5,}")


def canonical_url(url: str) -> str:
    """The one form of an http(s) address; "" for anything else, for a malformed and for an endless one."""
    try:
        parts = urlsplit(canonicalize_url(url.strip(), keep_fragments=True))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > _LONGEST:
        return ""
    host = parts.hostname.removeprefix("www.") + (f":{port}" if port and port not in {80, 443} else "")
    # Latin-1 both ways keeps every escape as it was written: sites of windows-1251 escape their queries in it.
    told = parse_qsl(parts.query, keep_blank_values=True, encoding="latin-1")
    query = urlencode([(name, value) for name, value in told if not _tracks(name, value)], encoding="latin-1")
    fragment = parts.fragment if parts.fragment.startswith(_PAGE_FRAGMENTS) else ""
    return urlunsplit(("https", host, parts.path.rstrip("/") or "/", query, fragment))


def declared_address(url: str, declared: str) -> str:
    """The canonical address that a page at `url` declares, "" if it cannot be one article's: of another site, of the
    front page, of a section above the page.
    """
    own, told = canonical_url(url), canonical_url(joined(url, declared)) if declared else ""
    if not told or not same_site(told, own) or is_front(told):
        return ""
    return "" if own.startswith(f"{told}/") else told


def article_id(url: str, declared: str = "") -> str:
    """`news:<canonical URL>` of a page fetched from `url` that declares `declared` as its canonical address."""
    return f"news:{declared_address(url, declared) or canonical_url(url)}"


def same_site(one: str, other: str) -> bool:
    """Whether two canonical addresses are of one host."""
    return urlsplit(one).netloc == urlsplit(other).netloc


def same_name(one: str, other: str) -> bool:
    """Whether two canonical addresses tell one article by its own name or number: `/news/12345` moved to
    `/2026/12345-voda`. A query on either side is no name: `/login?next=…`.
    """
    parts = [urlsplit(url) for url in (one, other)]
    if any(part.query or part.fragment for part in parts):
        return False
    first, second = (part.path.rpartition("/")[2].partition(".")[0] for part in parts)
    if first == second and _OWN_NAME.search(first):
        return True
    return not set(_NUMBER.findall(first)).isdisjoint(_NUMBER.findall(second))


def is_front(url: str) -> bool:
    """Whether a canonical address is that of a site's front page."""
    parts = urlsplit(url)
    return parts.path == "/" and not parts.query and not parts.fragment


def needs_script(url: str) -> bool:
    """Whether a canonical address names its page in the fragment, which no server is told."""
    return bool(urlsplit(url).fragment)


def _tracks(name: str, value: str) -> bool:
    name, value = name.lower(), value.lower()
    if name == "rss":
        return value in {"", "1", "y"}
    return bool(_TRACKING.fullmatch(name)) or (name in _ORIGIN and value in _CHANNELS)


def joined(base: str, url: str) -> str:
    """`url` as a page at `base` means it, "" for what is no URL (`http://[x`)."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""
