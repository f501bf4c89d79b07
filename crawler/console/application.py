"""The console as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.courier import Courier
from crawler.console.guard import Guard
from crawler.console.options import Options
from crawler.console.pages import PAGES
from crawler.console.routing import NOWHERE, routes
from crawler.installation import Installation
from crawler.model.text import Text, locale_of

STATIC = Path(__file__).parent / "static"


class Assets(StaticFiles):
    """Files whose addresses change with their content (rendering.asset): browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for a year."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def application(installation: Installation, options: Options) -> Starlette:
    """The console of the cities of an open installation. It only reads and decides: crawling is `otklik run`."""

    def nowhere(request: Request, _error: Exception) -> Response:
        with locale_of(rendering.language_of(request)):
            asked = Asked(installation, options, request, installation.clock.now())
            return rendering.trouble(asked, 404, NOWHERE, GONE)

    courier = Courier(installation)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.courier = courier
        with courier.working():
            yield

    return Starlette(
        lifespan=lifespan,
        routes=[Mount("/static", Assets(directory=STATIC)), *routes(PAGES, installation, options)],
        middleware=[Middleware(Guard, options=options)],
        exception_handlers={404: nowhere, 405: nowhere},
    )


GONE = Text(
    "Адрес написан неверно, или то, что здесь было, стёрто.", "The address is wrong, or what was here was erased."
)
