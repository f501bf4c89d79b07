import hashlib
import re

from crawler.console.application import STATIC


def test_what_is_not_ours_is_named_and_is_what_it_was() -> None:
    table = (STATIC / "vendored.md").read_text("utf-8")
    named = {row[0]: row[1] for row in re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", table, re.MULTILINE)}
    own = {"console.css", "console.js", "query.js", "icon.svg", "map.js", "pane.js", "time-strip.js", "vendored.md"}
    assert set(named) | own == {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    for name, digest in named.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
