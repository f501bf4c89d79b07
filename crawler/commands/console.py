"""`otklik console CITY…`: the web console of one or several cities."""

from contextlib import nullcontext
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from crawler.commands.shell import Settings, err, log_to_stderr
from crawler.model.errors import OtklikError
from crawler.model.text import Text

CITIES = Text("пути файлов городов или имена в cities/", "paths of city files, or names in cities/")
HOST = Text("адрес, на котором слушать", "the address to listen on")
PORT = Text("порт", "the port")
URL = Text(
    "адрес, по которому открывают люди (https://…): нужен, если консоль видна из сети",
    "the address that people open (https://…): needed where the console is seen from the network",
)
TILES = Text(
    "адрес плиток карты с {z}, {x}, {y} или файл .pmtiles; без них карта рисуется из адресного плана",
    "address of map tiles with {z}, {x}, {y}, or a .pmtiles file; without them the map is drawn from the gazetteer",
)
PROXY = Text(
    "адрес или сеть прокси перед консолью, чьему X-Forwarded-For верить; без него не верят никому",
    "the address or network of a proxy before the console whose X-Forwarded-For is believed; without it nobody's is",
)
BAD_PROXY = Text(
    "--proxy {given}: ожидается IP-адрес или сеть, например 127.0.0.1 или 172.16.0.0/12",
    "--proxy {given}: an IP address or a network is expected, such as 127.0.0.1 or 172.16.0.0/12",
)
BAD_TILES = Text(
    "--tiles {given}: ожидается адрес плиток с {{z}}, {{x}} и {{y}} или файл .pmtiles этой машины",
    "--tiles {given}: an address of tiles with {{z}}, {{x}} and {{y}} is expected, or a .pmtiles file of this machine",
)
OPEN_TO_ALL = Text(
    "Консоль на {host} видна из сети: пароли шли бы открыто. Поставьте перед ней HTTPS (docs/deploying.md) и укажите "
    "--url https://…, или слушайте 127.0.0.1.",
    "A console on {host} is seen from the network, and passwords would travel in clear. Put HTTPS before it "
    "(docs/deploying.md) and name it by --url https://…, or listen on 127.0.0.1.",
)
BAD_URL = Text(
    "--url {url}: ожидается адрес http:// или https:// без пути",
    "--url {url}: an address http:// or https:// without a path is expected",
)
NOBODY = Text(
    "Войти некому: сначала otklik user add ИМЯ --role administrator",
    "There is nobody to sign in: first otklik user add NAME --role administrator",
)
OPENED = Text("Консоль: {url} (Ctrl+C — закончить)", "Console: {url} (Ctrl+C ends it)")


def console(
    cities: Annotated[list[str], typer.Argument(metavar="CITY…", help=str(CITIES), show_default=False)],
    host: Annotated[str, typer.Option(help=str(HOST))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=str(PORT), min=1, max=65535)] = 8040,
    url: Annotated[str, typer.Option(help=str(URL), show_default=False)] = "",
    tiles: Annotated[str, typer.Option(help=str(TILES), show_default=False)] = "",
    proxy: Annotated[list[str] | None, typer.Option(help=str(PROXY), show_default=False)] = None,
) -> None:
    """Serve the console until it is stopped."""
    from crawler.accounts import users
    from crawler.checking import load_city
    from crawler.console.options import Options
    from crawler.console.serving import listener, serve
    from crawler.console.tile_archive import TileArchive
    from crawler.installation import Installation

    _check(host, url)
    archived = _is_archive(tiles)
    for one in proxy or ():
        _check_proxy(one)
    log_to_stderr()
    loaded = [load_city(city) for city in cities]
    with Installation.open(Settings.environment, Settings.data, loaded) as installation:
        with installation.database.read() as connection:
            somebody = any(user.active for user in users.everyone(connection))
        if not somebody:
            raise OtklikError(NOBODY)
        with (
            TileArchive(Path(tiles)) if archived else nullcontext() as archive,
            listener(host, port) as listening,
        ):
            options = Options(
                url=url.rstrip("/"), tiles="" if archived else tiles, proxies=tuple(proxy or ()), archive=archive
            )
            err.print(OPENED.format(url=url or f"http://{host}:{port}"), highlight=False, markup=False)
            serve(installation, options, listening)


def _check(host: str, url: str) -> None:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query):
        raise OtklikError(BAD_URL.filled(url=url))
    if not url.startswith("https://") and not _is_local(host):
        raise OtklikError(OPEN_TO_ALL.filled(host=host))


def _is_archive(tiles: str) -> bool:
    """Whether tiles come from a file; OtklikError where they are neither that nor an address of tiles."""
    if "{z}" in tiles and "{x}" in tiles:
        return False
    if tiles and ("://" in tiles or not tiles.lower().endswith(".pmtiles")):
        raise OtklikError(BAD_TILES.filled(given=tiles))
    return bool(tiles)


def _check_proxy(given: str) -> None:
    try:
        ip_network(given, strict=False)
    except ValueError as error:
        raise OtklikError(BAD_PROXY.filled(given=given)) from error


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
