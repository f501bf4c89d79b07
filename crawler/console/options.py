"""How a console is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.console.tile_archive import TileArchive


@dataclass(frozen=True, slots=True)
class Options:
    """`url` is what people open («https://otklik.example.ru», "" for this machine only); `tiles` an address of map
    tiles with {z}, {x} and {y}, or `archive` an open file of them that the console serves itself; `shown` sign-in names
    with passwords that the sign-in page may show: those of the demo; `proxies` the addresses and networks that may say
    by X-Forwarded-For whom they speak for.
    """

    url: str = ""
    tiles: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()
    archive: TileArchive | None = None

    @property
    def secure(self) -> bool:
        """Whether people come over HTTPS: then cookies do only so, too."""
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. Browsers keep one named so from other hosts, paths and plain HTTP."""
        return "__Host-otklik" if self.secure else "otklik"

    @property
    def ticket(self) -> str:
        """The name of the cookie that a form to sign in belongs to."""
        return f"{self.cookie}-ticket"

    @property
    def device(self) -> str:
        """The name of the cookie that tells a browser that people have signed in with before."""
        return f"{self.cookie}-device"

    @property
    def hosts(self) -> frozenset[str]:
        """The names that it may be asked by: any other is a page of a stranger that points here (DNS rebinding)."""
        own = urlsplit(self.url).hostname
        return frozenset({own} if own else {"localhost", "127.0.0.1", "::1"})

    @property
    def tile_host(self) -> str:
        """Scheme and host of the map tiles, "" for none: the one address that a page may load from elsewhere."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
