"""Real texts through the whole way: every one is stored, and a second time nothing changes."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import ROOT, ROUTES, Otklik

pytestmark = pytest.mark.real


def _lines(script: str, path: Path) -> list[bytes]:
    made = subprocess.run([sys.executable, ROOT / "benchmarks" / script, path], capture_output=True, check=True)
    return made.stdout.splitlines(keepends=True)


def _twice(otklik: Otklik, lines: list[bytes]) -> None:
    starter = "".join(f"{line}\n" for line in ROUTES.splitlines() if "Газ" not in line)
    city = otklik.city(searches="\n", routes=starter)
    city.write_text(city.read_text("utf-8").replace("[[policy]]", 'include = ["starter.toml"]\n[[policy]]', 1), "utf-8")
    first = otklik("ingest", city, "--json", input=b"".join(lines))
    assert (first.code, first.err) == (0, "")
    assert first.lines[0]["outcomes"] == {"new": len(lines)}
    assert otklik.number("SELECT count(*) FROM posts") == len(lines)
    second = otklik("ingest", city, "--json", input=b"".join(lines))
    assert (second.code, second.lines[0]["outcomes"]) == (0, {"unchanged": len(lines)})
    assert otklik.number("SELECT max(version) FROM posts") == 1
    assert otklik.number("SELECT count(*) - count(DISTINCT key) FROM reports") == 0


def test_labelled_incidents(otklik: Otklik, real_data: Path) -> None:
    lines = _lines("incidents_lines.py", real_data / "incidents_perm" / "incidents.jsonl")
    assert len(lines) == 500
    _twice(otklik, lines)
    placed = otklik.number("SELECT count(*) FROM readings WHERE json_array_length(content, '$.places') > 0")
    assert placed > 200
    assert otklik.number("SELECT count(*) FROM incidents") > 100


def test_appeals(otklik: Otklik, real_data: Path) -> None:
    lines = _lines("appeals_lines.py", real_data / "appeals_spb" / "appeals.jsonl.gz")
    _twice(otklik, random.Random(2000).sample(lines, 2000))
    assert otklik.number("SELECT count(*) FROM incidents") > 300
