"""The tables of the town's intake, from appeals.toml: an export of appeals, and what the region handed down."""

import csv
import os
from pathlib import Path

from openpyxl import Workbook

from demo.town.clock import TownClock
from demo.town.texts import read

_HEAD = ("№ обращения", "Дата", "Категория", "Адрес", "Заявитель", "Телефон", "Суть обращения", "Статус")


class Tables:
    """Writes the tables as their systems would, into a folder of each source."""

    def __init__(self, clock: TownClock) -> None:
        self._clock = clock

    def write(self, folder: Path) -> dict[str, Path]:
        """The folder of each source, by its key."""
        folders = {"pos": folder / "pos", "cur": folder / "cur"}
        for one in folders.values():
            one.mkdir()
        self._write_export(folders["pos"] / "vygruzka.xlsx")
        self._write_handed(folders["cur"] / "peredano.csv")
        return folders

    def _write_export(self, path: Path) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet
        sheet.title = "Обращения"
        sheet.append(["Выгрузка обращений граждан, Тихоозёрск"])
        sheet.append([])
        sheet.append(_HEAD)
        for one in read("appeals.toml")["appeal"]:
            told = [one[key] for key in ("category", "address", "author", "phone", "text", "status")]
            sheet.append([one["id"], self._local(one["ago"]), *told])
        book.save(path)
        _settle(path)

    def _write_handed(self, path: Path) -> None:
        with path.open("w", encoding="windows-1251", newline="") as file:
            rows = csv.writer(file, delimiter=";")
            rows.writerow(["Номер", "Поступило", "Адрес", "Сообщение"])
            for one in read("appeals.toml")["handed"]:
                rows.writerow([one["id"], self._local(one["ago"]), one["address"], one["text"]])
        _settle(path)

    def _local(self, ago: str) -> str:
        return f"{self._clock.when(ago).astimezone(self._clock.zone):%d.%m.%Y %H:%M}"


def _settle(path: Path) -> None:
    # A table that was just written is left to the next crawl; these lie there since before.
    written = path.stat().st_mtime - 60
    os.utime(path, (written, written))
