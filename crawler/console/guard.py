"""What holds for every answer: the host it is asked by, where a form comes from, and what the page may load."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.console.options import Options

_SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses strangers' hosts and strangers' forms; adds the headers that keep a hostile post harmless."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self.app = app
        self.options = options
        tiles = f" {options.tile_host}" if options.tile_host else ""
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": f"'self' data:{tiles}",
            "connect-src": f"'self'{tiles}",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        self.headers = {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "X-Content-Type-Options": "nosniff",
            # Residents' posts are linked to: their pages must not learn who reads them. Our own forms need an Origin.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if options.secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                # What a page of ours shows stays in no cache, also on a shared computer.
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if (refusal := self._refusal(scope["method"], headers)) is not None:
            await PlainTextResponse(refusal, 403)(scope, receive, guarded)
            return
        await self.app(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        try:
            host = urlsplit(f"//{headers.get('host', '')}")
            known = host.hostname in self.options.hosts and (host.port is None or host.port > 0)
            origin = headers.get("origin")
            ours = origin is None or urlsplit(origin).netloc == host.netloc
        except ValueError:
            return "The Host or the Origin of this request is no address.\n"
        if not known:
            return "This host name is not the console's. Start it with --url, the address that people open.\n"
        if method in _SAFE:
            return None
        if not ours or headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "This form came from a page of another site.\n"
        return None
