"""Which address is allowed: no page, redirect or DNS answer leads a request into our own network."""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.model.errors import AddressRefusedError
from crawler.model.text import Text

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@\\\s%]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# «Ends in a number» of the WHATWG URL standard: such a host is an IPv4 address in some notation, never a name.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_NAMES = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "onion",
)

# What `is_global` of Python 3.11 takes for global and is not: protocol assignments (Oracle's metadata), the 6to4 relay,
# Azure's wire server.
_REFUSED_V4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Teredo and everything else of 2001::/23, documentation, 6to4, documentation (RFC 9637).
_REFUSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_ISATAP = (0x00005EFE, 0x02005EFE)
# What a name of the allow list may stand for: an intranet. Metadata services of clouds lie there too and never may.
_INTRANET = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254")))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: the host as it is resolved (lower case, ASCII, no brackets, no last dot) and the port."""

    scheme: str
    host: str
    port: int

    @property
    def key(self) -> str:
        """`host:port`, by which rates are kept."""
        return f"{self.host}:{self.port}"


class AddressGuard:
    """Lets through what is global. `allow` names hosts of an intranet exactly, `host` (every port) or `host:port`.

    Ports: 80, 443 and from 1024 up; others only when `allow` names them. A URL with a user name is refused.
    """

    def __init__(self, allow: Collection[str] = ()) -> None:
        self._allow = frozenset(entry.strip().lower().rstrip(".") for entry in allow)

    def check_url(self, url: str) -> Target:
        """Where `url` leads, or AddressRefusedError: scheme, authority, port, notation, literal address."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise _refusal(url, "адрес не читается", "the address cannot be read") from error
        default = _PORTS.get(parts.scheme)
        if default is None:
            raise _refusal(url, "схема не http и не https", "its scheme is neither http nor https")
        found = _AUTHORITY.fullmatch(parts.netloc)
        if not found:
            raise _refusal(url, "имя узла записано необычно", "its host is written in an unusual way")
        target = Target(parts.scheme, _ascii(found["host"]), int(found["port"] or default))
        self.check_host(target.host, target.port)
        return target

    def check_host(self, host: str, port: int = 443) -> None:
        """AddressRefusedError unless this host and port may be asked; a name's addresses are checked by `check_ip`."""
        host = _ascii(host)
        if self._permits(host, port):
            return
        if not (port in _PORTS.values() or 1024 <= port <= 65535):
            raise _refusal(f"{host}:{port}", "порт не для веба", "its port is not one of the web")
        ip = _literal(host)
        if ip:
            self.check_ip(str(ip))
            return
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            raise _refusal(host, "IP-адрес записан необычно", "it is an IP address in an unusual notation")
        if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            raise _refusal(host, "это не имя узла", "it is not a host name")
        if len(labels) == 1 or any(host == name or host.endswith("." + name) for name in _PRIVATE_NAMES):
            raise _refusal(host, "имя внутренней сети", "it is a name of an inner network")

    def check_ip(self, ip: str, host: str = "", port: int = 443) -> None:
        """AddressRefusedError unless this address may be connected to. `host` and `port` say under which name it was
        asked for: a name of the allow list may stand for an address of an intranet, for another only if that is listed.
        """
        address = _literal(ip)
        if address and (is_public(address) or (host and self._permits(host, port, address))):
            return
        raise _refusal(f"{host} → {ip}" if host else ip, "адрес не глобальный", "it is not a global address")

    def _permits(self, host: str, port: int, address: IPAddress | None = None) -> bool:
        """Whether the allow list names the host; `address` is what its name stands for."""
        if not self._names(host, port):
            return False
        if address is None or address == _literal(host):
            return True
        address = _carried(address) or address
        inside = any(address in network for network in _INTRANET) and address not in _METADATA
        return inside or self._names(str(address), port)

    def _names(self, host: str, port: int) -> bool:
        name = f"[{host}]" if ":" in host else host
        return bool({host, name, f"{name}:{port}"} & self._allow)


def is_public(address: IPAddress) -> bool:
    """Whether an address is global unicast, seen through the IPv6 forms that carry an IPv4 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _REFUSED_V4)
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if address.scope_id or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _UNICAST_V6 and address.is_global and not any(address in net for net in _REFUSED_V6)


def _carried(address: IPAddress) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64); None if it stands for itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped


def _literal(host: str) -> IPAddress | None:
    """The address that `host` is in its one canonical notation (127.0.0.1, ::1), else None."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _ascii(host: str) -> str:
    """A host as it is resolved: IDNA, lower case, without brackets and the root's dot."""
    host = host.removeprefix("[").removesuffix("]").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError as error:
            raise _refusal(host, "это не имя узла", "it is not a host name") from error
    if host.endswith(".."):
        raise _refusal(host, "это не имя узла", "it is not a host name")
    return host.removesuffix(".")


def _refusal(address: str, ru: str, en: str) -> AddressRefusedError:
    """The error, with what the administrator can do."""
    shown = address if len(address) <= 200 else address[:200] + "…"
    return AddressRefusedError(
        Text(
            ru=f"Адрес {shown} отклонён: {ru}. Свой внутренний узел разрешает allow_private этого источника.",
            en=f"Address {shown} refused: {en}. A host of your own is let through by this source's allow_private.",
        )
    )
