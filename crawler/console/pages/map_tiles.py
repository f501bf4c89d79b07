"""Tiles of «Карта» out of the archive that the operator named. Where there is none, nothing is here."""

from starlette.responses import Response

from crawler.console.asked import Asked
from crawler.console.routing import Page

KEPT = "private, max-age=604800"
"""A week: the address changes with the archive (`tag`)."""


def _tile(asked: Asked) -> Response:
    archive = asked.options.archive
    place = [_number(asked.path(name)) for name in ("z", "x", "y")]
    if archive is None:
        return Response(status_code=404)
    # Tiles do not change while their archive is open: what a browser has of this one is right.
    tag = f'"{archive.tag}-{"-".join(map(str, place))}"'
    headers = {"ETag": tag, "Cache-Control": KEPT}
    if asked.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    tile = archive.tile(*place)
    if tile is None:
        # What draws vector tiles takes whatever comes for one, but an error stands in the browser's log.
        return Response(status_code=204 if archive.is_vector else 404)
    return Response(tile, media_type=archive.media_type, headers=headers)


def _number(given: str) -> int:
    """A whole number of up to ten digits, else -1, which no tile has."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 10 else -1


PAGES = (Page("GET", "/{city}/map/tiles/{z}/{x}/{y}", _tile, touches=False),)
