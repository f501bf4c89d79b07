"""An installation in which every shown command has something to do."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.archives import Archive, packed, picture
from tests.commands.test_stories import BRIDGE
from tests.search.map_of_town import drawn
from tests.search.topics.lessons import lessons
from tests.shell import Otklik, Run, Running, source

PASSWORD = "correct horse battery"
LIMITS = [[59.9, 49.9], [60.2, 49.9], [60.2, 50.2], [59.9, 50.2], [59.9, 49.9]]
PLACES = {
    "/etc/otklik/city.toml": "my-city.toml",
    "/mnt/copies": "copies",
    "/srv/otklik/town.pmtiles": "town.pmtiles",
    "/var/backups/otklik": "copies",
}
FOLDERS = ("/srv/otklik-new", "/var/lib/otklik")
"""Beginnings of folders: what lies inside of one lies inside of it here too."""
_FILE = re.compile(r"[\w./-]+\.(toml|jsonl|csv|xlsx|pbf|geojson|model|gazetteer|zip|pmtiles)")
# Incidents by what they are kept for: what was done to them before the command under test comes.
KEPT_FOR = {
    "confirm": [],
    "reject": [],
    "not_ours": [],
    "take": [],
    "join": [],
    "executor": [],
    "severity": [],
    "note": [],
    "show": [],
    "move": [],
    "split": [],
    "in_work": ["confirm"],
    "answered": ["confirm", "in_work"],
    "close": ["confirm", "in_work", "answered"],
    "give_back": ["take"],
    "remove_note": ["note"],
    "put_off": [],
    "bring_back": ["put_off"],
    "undo": ["confirm"],
    "place": [],
    "topic": [],
}

WITH = {"note": ("--text", "слово"), "put_off": ("--until", "3h")}


def voice(incident: int) -> str:
    """The id of the first post of an incident, counted from 0."""
    return f"vk:-123_{456 + incident}"


class Desk:
    """Commands are typed here as the pages show them; files and folders that they name lie in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.otklik = Otklik(folder, {"OTKLIK_CONTACT": "desk@otklik.example"})

    @property
    def folder(self) -> Path:
        """Where everything lies."""
        return self.otklik.folder

    def prepare(self, news: str) -> None:
        """Fill it: files, posts, incidents in every state, a backup, a person."""
        pos = '[source.columns]\nid = "Номер"\ntext = "Суть"\npublished_at = "Дата"\n'
        sources = source("vesti", "news", news) + source("wall", "given", "wall") + source("pos", "intake", "pos") + pos
        self._files(self.otklik.city(sources=sources + '[gazetteer]\nbuilt = "city.gazetteer"\n'))
        tables = ("city.osm.pbf", "addresses.csv", "districts.geojson")
        self.done("gazetteer", "build", *tables, "--out", "city.gazetteer")
        self.done("ingest", "city.toml", "posts.jsonl")
        self.done("crawl", "city.toml")
        self.done("topics", "train", "history.jsonl", "--out", "topics.model")
        for number, (verb, before) in enumerate(KEPT_FOR.items(), 1):
            assert self.incident(verb) == number
            for one in before:
                self.done("incidents", "city.toml", one, str(number), *WITH.get(one, ()))
        self.done("backup", "--to", "copies")
        for name, role in (("vera", "administrator"), ("anna", "operator")):
            self.done("user", "add", name, "--role", role)
        shutil.copy(next((self.folder / "copies").glob("*.zip")), self.folder / "COPY.zip")

    def _files(self, city: Path) -> None:
        for name in ("city", "my-city"):
            shutil.copy(city, self.folder / f"{name}.toml")
        (self.folder / "pos").mkdir()
        for table in ("pos/1.csv", "table.csv"):
            (self.folder / table).write_text("Номер;Суть;Дата\n17;Яма на дороге;2026-01-05\n", encoding="utf-8")
        (self.folder / "posts.jsonl").write_text(_posts(len(KEPT_FOR)), encoding="utf-8")
        learned = [{"id": n, "text": text, "topic": topic} for n, (text, topic) in enumerate(lessons(160))]
        for name, lines in (("history", learned[:120]), ("later", learned[120:])):
            whole = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (self.folder / f"{name}.jsonl").write_text(whole, encoding="utf-8")
        tile = picture()
        tiles = Archive(packed([(0, 1, 0, len(tile))]), tile)
        (self.folder / "town.pmtiles").write_bytes(tiles.written())
        for name in ("city", "region"):
            drawn().write(self.folder / f"{name}.osm.pbf")
        (self.folder / "addresses.csv").write_text('address,lat,lon,district\n"ул. Ленина, дом 45",50.01,60.02,\n')
        for name in ("districts", "limits"):
            (self.folder / f"{name}.geojson").write_text(json.dumps(_polygon("Северный район")), encoding="utf-8")

    def done(self, *words: str) -> Run:
        """A command that has to succeed."""
        run = self.type(*words)
        assert run.code == 0, (words, run.out, run.err)
        return run

    def type(self, *words: str) -> Run:
        """Type it and wait for its end."""
        return self.start(*words).end()

    def start(self, *words: str) -> Running:
        """Type it."""
        answers = f"{PASSWORD}\n{PASSWORD}\n" if words[0] == "user" else ""
        return self.otklik.start(*map(self.here, words), input=answers)

    def here(self, word: str) -> str:
        """The same word with the place of a file on this machine."""
        word = PLACES.get(word, word)
        for folder in FOLDERS:
            word = word.replace(folder, f"{self.folder}{folder}")
        return str(self.folder / word) if _FILE.fullmatch(word) or word in PLACES.values() else word

    def incident(self, verb: str) -> int:
        """The number of the incident that is kept for this verb."""
        return list(KEPT_FOR).index(verb) + 1

    def value(self, placeholder: str, way: str) -> str:
        """What a person would put for a word in capitals, or a gap, in this command."""
        placeholder = placeholder.removesuffix("…") or "…"
        words = way.split()
        verb, action = words[1], words[3] if len(words) > 3 else ""
        if verb == "incidents" and placeholder in {"N", "ID", "POST"}:
            return self._of_incident(placeholder, action)
        if "--source pos" in way and placeholder == "FILE":
            return "table.csv"
        special = {(verb, placeholder), (" ".join(words[1:3]), placeholder)} & SPECIAL.keys()
        return SPECIAL[special.pop()] if special else VALUES[placeholder]

    def _of_incident(self, placeholder: str, action: str) -> str:
        if placeholder == "N":
            return str(self.incident(action))
        what = {"undo": "max(act) FROM act_incidents", "remove_note": "max(id) FROM notes"}
        found = what.get(action, "min(post) FROM reports")
        return str(self.otklik.number(f"SELECT {found} WHERE incident = {self.incident(action)}"))


FIRST_NEWS, SECOND_NEWS = "given:ingest/bridge0", "given:ingest/bridge1"
SPECIAL = {
    ("export", "FILE"): "found.xlsx",
    ("backup", "FILE"): "whole.zip",
    ("restore", "FILE"): "COPY.zip",
    ("restore", "…"): "COPY.zip",
    ("reread", "N"): "7",
    ("user add", "NAME"): "boris",
    ("stories", "POST"): SECOND_NEWS,
    ("apart", "POST"): SECOND_NEWS,
}
VALUES = {
    "CITY": "city.toml",
    "SOURCE": "vesti",
    "QUERY": "газ",
    "KEY": "gas",
    "POST": voice(0),
    "OTHER": FIRST_NEWS,
    "…": "слово",
    "NAME": "anna",
    "FILE": "posts.jsonl",
    "AUTHOR": "vk.com/id123",
    "DIR": "copies",
    "M": "1",
    "T": "Газ",
    "CODE": "duplicate",
    "TOPIC": "Ямы",
    "H": "127.0.0.1",
    "P": "8040",
    "ROLE": "analyst",
    "https://": "https://otklik.example",
}


def _posts(incidents: int) -> str:
    """Two people on a wall tell of each trouble, the first as the pages name him; two news tell of one bridge."""
    texts = [f"Запах газа на улице Садовая, {house}" for house in range(1, incidents + 1)]
    lines = [{"id": voice(n), "text": text, "author": "123"} for n, text in enumerate(texts)]
    lines += [{"id": f"vk:-123_{1000 + n}", "text": f"{text}! Ждём!", "author": "7"} for n, text in enumerate(texts)]
    lines = [line | {"source": "wall", "platform": "vk"} for line in lines]
    lines += [{"id": f"bridge{n}", "kind": "article", "text": text} for n, text in enumerate(BRIDGE)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _polygon(name: str) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [LIMITS]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"name": name}, "geometry": shape}],
    }
