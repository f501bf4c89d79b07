"""The pictures of docs/pictures, taken anew from the demo town: `python -m tests.docs.pictures [--only NAME…]`.

Every page in light and dark at 1366 × 768 and on a phone, in Russian. Needs Chromium; takes about two minutes.
"""

import argparse
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsers import chromium
from tests.shell import ROOT

FOLDER = ROOT / "docs" / "pictures"
CITY = "tikhoozersk"
PAGES = {
    "queue": f"/{CITY}/queue",
    "incident": "",  # the first row of the queue, opened
    "search": f"/{CITY}/search?q=%D0%B2%D0%BE%D0%B4%D0%B0",
    "map": f"/{CITY}/map",
    "saved": f"/{CITY}/saved",
    "sources": f"/{CITY}/sources",
    "risks": f"/{CITY}/risks",
    "report": f"/{CITY}/report",
    "story": f"/{CITY}/story",  # the first of the list, opened
    "register": f"/{CITY}/register",
    "people": "/people",
    "sign-in": "/sign-in",
}
LOOKS: dict[str, dict[str, object]] = {
    "light": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "is_mobile": True, "has_touch": True},
}


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """The address of the console of a fresh demo, and the password of its administrator."""
    with tempfile.TemporaryDirectory() as home:
        variables = os.environ | {"OTKLIK_HOME": home, "OTKLIK_LOCALE": "ru", "XDG_CONFIG_HOME": home}
        command = [str(Path(sys.executable).with_name("otklik")), "demo"]
        with subprocess.Popen(command, env=variables, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            address = ""
            for line in process.stdout:
                address = address or "".join(re.findall(r"^Консоль: (\S+)", line))
                if (found := re.match(r"\s*administrator / (\S+)", line)) is not None:
                    break
            else:
                raise SystemExit("the demo opened no console")
            try:
                yield address, found[1]
            finally:
                process.send_signal(signal.SIGINT)


def signed_in(context: BrowserContext, address: str, password: str) -> Page:
    """A page that an administrator opened."""
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.locator("#u").fill("administrator")
    page.locator("#p").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")
    return page


def take(browser: Browser, address: str, password: str, look: str, names: Sequence[str]) -> None:
    """Every page in one look."""
    context = browser.new_context(locale="ru-RU", **LOOKS[look])  # type: ignore[arg-type]  # TypedDicts of playwright
    page = signed_in(context, address, password)
    first = f"/{CITY}/incidents/" + str(page.locator(".row").first.get_attribute("data-number"))
    for name in [name for name in names if name != "sign-in"]:
        page.goto(address + (PAGES[name] or first))
        if name == "story":
            page.locator(".tlist a").first.click()
            page.wait_for_load_state()
        save(page, name, look)
    if "sign-in" in names:
        context.clear_cookies()
        page.goto(address + PAGES["sign-in"])
        save(page, "sign-in", look)
    context.close()


def save(page: Page, name: str, look: str) -> None:
    """One picture, as soon as the page has come to rest."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(FOLDER / f"{name}-{look}.webp", quality=72, method=6)


def main(names: Sequence[str]) -> None:
    """Take them."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as (address, password), chromium() as browser:
        for look in LOOKS:
            take(browser, address, password, look, names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=PAGES, default=list(PAGES))
    main(parser.parse_args().only)
