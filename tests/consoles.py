"""The console served on a port, and somebody who visits it over HTTP as a browser without scripts does."""

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from crawler.accounts import users
from crawler.accounts.roles import Role
from crawler.console.options import Options
from crawler.console.serving import listener, server
from crawler.installation import Installation

PASSWORD = "correct horse battery"
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str
    body: bytes = b""

    @property
    def location(self) -> str:
        """Where a redirect leads, "" where it is none."""
        return self.headers.get("location", "")

    def hidden(self, name: str) -> str:
        """The value of the first hidden field of that name."""
        return next(unescape(value) for one, value in _FIELD.findall(self.text) if one == name)


@dataclass
class Visitor:
    """Keeps cookies, follows nothing by itself."""

    port: int
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return self.ask("GET", path, None, headers)

    def post(self, path: str, form: Mapping[str, object], **headers: str) -> Answer:
        """Send a form."""
        return self.ask("POST", path, urlencode(form, doseq=True).encode(), headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request; names of headers may have _ for -."""
        sent = {"Host": self.host or f"127.0.0.1:{self.port}", "Accept-Language": "en"}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for value in answer.headers.get_all("set-cookie") or []:
            for name, one in SimpleCookie(value).items():
                if one["max-age"] == "0" or not one.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = one.value
        return Answer(answer.status, answer.headers, content.decode("utf-8", "replace"), content)

    def sign_in(self, name: str, password: str = PASSWORD, back: str = "") -> Answer:
        """Fill in the sign-in page."""
        page = self.get(f"/sign-in?{urlencode({'next': back})}" if back else "/sign-in")
        form = {"ticket": page.hidden("ticket"), "next": page.hidden("next"), "name": name, "password": password}
        return self.post("/sign-in", form)

    def act(self, page: str, path: str, **form: object) -> Answer:
        """Send a form of a page, with what hides in it."""
        return self.post(path, {"csrf": self.get(page).hidden("csrf"), **form})


def employ(installation: Installation, **roles: Role) -> None:
    """Users by name and role, all with PASSWORD."""
    secret = users.hashed(PASSWORD)
    with installation.database.begin() as connection:
        for name, role in roles.items():
            users.add(connection, name, secret, role, at=installation.clock.now())


@contextmanager
def served(installation: Installation, options: Options | None = None) -> Iterator[int]:
    """The console on a free port of this machine."""
    listening = listener("127.0.0.1", 0)
    console = server(installation, options or Options())
    # Signals are the main thread's: the server of a test hears none.
    thread = threading.Thread(target=asyncio.run, args=(console._serve([listening]),), daemon=True)
    thread.start()
    while not console.started:
        assert thread.is_alive()
        thread.join(0.01)
    try:
        yield int(listening.getsockname()[1])
    finally:
        console.should_exit = True
        thread.join(20)
        listening.close()
        assert not thread.is_alive()
