"""No page in the browser reaches our own network: every trick of test_addresses.py, by all that a page can do."""

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.certificates import self_signed
from tests.crawling import Page, pages
from tests.fetching.browsing import browse, inside, script, text_of
from tests.fetching.test_addresses import TRICKS
from tests.fetching.test_resolver import name_stands_for

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

MANY = {"OTKLIK_BROWSER_REQUESTS": 5_000, "DOWNLOAD_TIMEOUT": 300}
ASKING = """
const urls = URLS;
async function read(url) { try { return await (await fetch(url)).text(); } catch (error) { return "no"; } }
(async () => {
  const got = [];
  for (const url of urls) {
    got.push(await read(url), await read("/to?" + encodeURIComponent(url)));
    try { new WebSocket(url.replace(/^http/, "ws")); } catch (error) { }
    try { navigator.sendBeacon(url, "x"); } catch (error) { }
    for (const [tag, name] of [["script", "src"], ["iframe", "src"], ["img", "src"], ["link", "href"]])
      for (const rel of tag === "link" ? ["preconnect", "prefetch", "preload", "stylesheet", "dns-prefetch"] : [""]) {
        const made = document.createElement(tag); if (rel) { made.rel = rel; made.as = "script"; }
        made[name] = url; document.head.append(made);
      }
    try { window.open(url); } catch (error) { }
  }
  const worker = new Worker(URL.createObjectURL(new Blob(["for (const url of " + JSON.stringify(urls) +
    ") fetch(url).catch(() => 0); postMessage(1);"])));
  await new Promise((resolve) => { worker.onmessage = resolve; setTimeout(resolve, 5000); });
  done([...new Set(got)].join());
})();
"""


def with_port(trick: str, port: int) -> str:
    """The trick at the port where the private side listens, where it names none."""
    return re.sub(r"^(http://[^/?#]*?[^/:?#])(?=/|$)", rf"\1:{port}", trick) if trick.count(":") < 8 else trick


def redirect(handler: Any) -> None:
    from urllib.parse import unquote

    handler.send_response(302)
    # What cannot stand in a header is no address that a server could send.
    where = unquote(handler.path.partition("?")[2]).encode("ascii", "xmlcharrefreplace").decode()
    handler.send_header("Location", where.replace("\n", ""))
    handler.send_header("Content-Length", "0")
    handler.end_headers()


class Redirects(dict[str, Any]):
    """Pages, and `/to?URL` that leads to any URL."""

    def get(self, path: str, default: Any = None) -> Any:
        return redirect if path.startswith("/to?") else super().get(path, default)


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of some tricks is an address of the world, which a test leaves alone."""
    system = socket.getaddrinfo

    def look_up(name: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if str(name).endswith(("example.com", "example")):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return system(name, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize("part", range(4))
def test_no_trick_leads_a_page_into_our_network(part: int) -> None:
    with inside() as private:
        urls = [variant for trick in TRICKS[part::4] for variant in {trick, with_port(trick, private.port)}]
        page = script(ASKING.replace("URLS", json.dumps(urls)))
        with pages(Redirects({"/": page})) as site:
            crawled = browse(site.url + "/", settings=MANY)
    assert private.hits == []
    assert crawled.spider.errors == {}
    # An address of the scheme data: is the text itself.
    assert set(text_of(crawled.spider.made[0]).split(",")) <= {"no", "hello"}
    assert crawled.stats["otklik/browser/refused"] > 20
    assert len(urls) > 20


def test_the_private_side_would_have_seen_who_came() -> None:
    """The test above is worth something: with the permission of its source a page is let through, and counted."""
    with inside() as private:
        page = script(ASKING.replace("URLS", json.dumps([f"http://127.0.0.1:{private.port}/"])))
        with pages(Redirects({"/": page})) as site:
            hosts = (site.url.partition("//")[2], f"127.0.0.1:{private.port}")
            crawled = browse(site.url + "/", settings=MANY, allow_private=hosts)
    assert "secret" in text_of(crawled.spider.made[0])
    assert len(private.hits) >= 5


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_the_page_itself_is_refused_as_any_page_is(host: str) -> None:
    with inside() as private:
        crawled = browse(f"http://{host}:{private.port}/", allow_private=())
    assert private.hits == []
    assert crawled.spider.errors == {"refused": 1}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_the_page_into_our_network_is_refused(status: int) -> None:
    with inside() as private:
        where = f"http://127.0.0.1:{private.port}/"
        with pages({"/": Page(status=status, headers={"Location": where})}) as site:
            crawled = browse(site.url + "/")
    assert private.hits == []
    assert crawled.spider.errors == {"refused": 1}


DATAGRAMS = """
const done_soon = () => setTimeout(() => done("tried"), 3000);
for (const server of ["stun:127.0.0.1:PORT", "stun:localhost:PORT", "stun:[::1]:PORT", "turn:127.0.0.1:PORT",
    "turn:127.0.0.1:PORT?transport=tcp", "turns:127.0.0.1:PORT?transport=tcp"]) {
  try {
    const peer = new RTCPeerConnection({iceServers: [{urls: server, username: "a", credential: "b"}]});
    peer.createDataChannel("x");
    peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  } catch (error) { }
}
try { new WebTransport("https://127.0.0.1:PORT/"); } catch (error) { }
try { new EventSource("http://127.0.0.1:PORT/"); } catch (error) { }
try { navigator.serviceWorker.register("/worker.js"); } catch (error) { }
try { const shared = new SharedWorker("data:text/javascript,fetch('http://127.0.0.1:PORT/')"); } catch (error) { }
fetch("file:///etc/hostname").catch(() => 0);
fetch("ftp://127.0.0.1:PORT/").catch(() => 0);
location.href = "http://127.0.0.1:PORT/";
done_soon();
"""


def test_neither_datagrams_nor_other_ways_out_reach_our_network() -> None:
    with inside() as private, pages({"/": script(DATAGRAMS.replace("PORT", str(private.port)))}) as site:
        crawled = browse(site.url + "/")
    assert private.hits == []
    assert text_of(crawled.spider.made[0]) == "tried"


READ = """
(async () => {
  try { done(await (await fetch("URL")).text()); } catch (error) { done("no"); }
})();
"""


def test_a_page_has_the_permission_of_its_source_and_of_no_other_that_is_crawled_beside_it() -> None:
    anyone = {"Access-Control-Allow-Origin": "*"}
    first: dict[str, Any] = {"/api": Page("first's own", headers=anyone)}
    second: dict[str, Any] = {"/api": Page("second's own", headers=anyone)}
    with pages(first) as one, pages(second) as other:
        first |= {"/own": script(READ.replace("URL", "/api")), "/": script(READ.replace("URL", f"{other.url}/api"))}
        second |= {"/own": script(READ.replace("URL", "/api")), "/": script(READ.replace("URL", f"{one.url}/api"))}
        with ThreadPoolExecutor(2) as both:
            crawls = list(both.map(lambda url: browse(url + "/", url + "/own"), (one.url, other.url)))
    shown = [[text_of(made) for made in crawled.spider.made] for crawled in crawls]
    assert shown == [["no", "first's own"], ["no", "second's own"]]
    assert "/api" in one.paths
    assert all(site.paths.count("/api") == 1 for site in (one, other))


def test_a_name_that_stands_for_our_network_is_refused_whenever_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["127.0.0.1", "169.254.169.254", "127.0.0.1"])
    asked: list[str] = []
    system = socket.getaddrinfo

    def look_up(name: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if not str(name).endswith(".example"):
            return system(name, port, *rest, **more)
        asked.append(name)
        ip = next(answers) if name == "changing.example" else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    name_stands_for(monkeypatch, "127.0.0.1")
    code = """
const read = async (url) => { try { return (await fetch(url)).status; } catch (error) { return "no"; } };
(async () => done([await read("http://changing.example:PORT/a"), await read("http://changing.example:PORT/b"),
  await read("http://other.example:PORT/c")].join()))();
"""
    anyone = {"Access-Control-Allow-Origin": "*"}
    answers_of: dict[str, Any] = {path: Page("x", headers=anyone) for path in ("/a", "/b", "/c")}
    with pages(answers_of) as site:
        port = site.url.rpartition(":")[2]
        answers_of["/"] = script(code.replace("PORT", port))
        allowed = (f"127.0.0.1:{port}", f"changing.example:{port}")
        crawled = browse(site.url + "/", allow_private=allowed)
    assert text_of(crawled.spider.made[0]) == "200,no,no"
    assert site.paths == ["/", "/a"]
    # Each connection looks a name up once and goes to the very address that was checked.
    assert asked == ["changing.example", "changing.example", "other.example"]


def test_certificates_are_verified_for_the_page_and_for_what_it_asks_for() -> None:
    answers: dict[str, Any] = {"/api": Page("x", headers={"Access-Control-Allow-Origin": "*"})}
    with pages(answers, tls=self_signed("127.0.0.1")) as liar, pages(answers) as site:
        answers["/"] = script(READ.replace("URL", f"{liar.url}/api"))
        hosts = tuple(each.url.partition("//")[2] for each in (site, liar))
        crawled = browse(site.url + "/", liar.url + "/", allow_private=hosts)
    assert [text_of(made) for made in crawled.spider.made] == ["no"]
    assert crawled.spider.errors == {"tls": 1}
    assert liar.asked == []
