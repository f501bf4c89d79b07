"""The Chromium of this machine, as tests and pictures start it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import CHROMIUM


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that is closed at the end."""
    # Root may start it in no sandbox of its own: CI and containers are root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
