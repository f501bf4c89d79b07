"""Names to addresses behind the guard, for whoever connects without Scrapy: what was checked is what is given out."""

import socket

from crawler.fetching.addresses import AddressGuard
from crawler.model.errors import AddressRefusedError


def resolve(guard: AddressGuard, host: str, port: int) -> list[str]:
    """The allowed addresses of a name, to be connected to as they are: asked again, a name may stand for others.

    AddressRefusedError if it has none but refused ones, OSError if it cannot be looked up. Blocks.
    """
    refused: AddressRefusedError | None = None
    allowed: list[str] = []
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for address in dict.fromkeys(str(entry[4][0]) for entry in found):
        try:
            guard.check_ip(address, host, port)
        except AddressRefusedError as error:
            refused = error
        else:
            allowed.append(address)
    if refused and not allowed:
        raise refused
    return allowed
