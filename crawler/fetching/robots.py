"""robots.txt as RFC 9309 reads it: a server that cannot say what is allowed allows nothing (section 2.3.1.4)."""

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response

_NOTHING = b"User-agent: *\nDisallow: /\n"


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's own, but for an answer of 5xx: Scrapy reads the error page as rules and goes ahead."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            response = response.replace(body=_NOTHING)
        await super()._parse_robots(response, netloc, request)
