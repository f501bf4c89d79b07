"""Reading one TOML table: a typed look at each key, every problem with its line, and unknown keys at the end."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from crawler.checking.document import Document
from crawler.checking.locator import Path as KeyPath
from crawler.checking.problems import NOTHING, Gravity, Problem, did_you_mean, listed, shown
from crawler.model.text import Text

Choice = TypeVar("Choice", bound=StrEnum)

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HIDDEN = Text("скрыто: похоже на сам секрет", "hidden: looks like the secret itself")


class Table:
    """One table of a document. Every reading of a key is remembered, so that `finish` can name the unknown ones."""

    def __init__(self, document: Document, path: KeyPath, values: Mapping[str, object], name: str = "") -> None:
        self.document = document
        self.path = path
        self.values = values
        self.name = name
        self.known: set[str] = set()

    def problem(
        self,
        key: str,
        expected: Text,
        *,
        found: str | None = None,
        hint: Text = NOTHING,
        severity: Gravity = Gravity.ERROR,
        index: int | None = None,
    ) -> None:
        """Note a problem at a key ("" for the table itself), or at an element of the key's array."""
        path: KeyPath = (*self.path, key) if key else self.path
        if index is not None and (*path, index) in self.document.positions:
            path = (*path, index)
        position = self.document.positions.get(path) or self.document.positions.get(self.path) or (0, 0)
        if found is None:
            found = shown(self.values[key]) if key in self.values else ""
        where = ".".join(part for part in (self.name, key) if part)
        self.document.problems.append(
            Problem(self.document.path, position[0], where, found, expected, severity, hint=hint)
        )

    def has_problem(self, key: str) -> bool:
        """Whether a problem of that key was noted already."""
        where = ".".join(part for part in (self.name, key) if part)
        return any(one.key == where for one in self.document.problems)

    def raw(self, key: str) -> object:
        """The value as TOML has it, or None."""
        self.known.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """A string that is not blank, its white space put together."""
        value = self.raw(key)
        if value is None:
            if required:
                self.problem(key, Text("нужна строка, а ключа нет", "a string is needed and the key is missing"))
            return default
        if not isinstance(value, str) or not value.strip():
            self.problem(key, Text("ожидается непустая строка", "a string that is not empty is expected"))
            return default
        return " ".join(value.split())

    def key(self, key: str, *, required: bool = True) -> str:
        """A name other things refer to: small Latin letters, digits, hyphen and underscore."""
        value = self.text(key, required=required)
        if value and not _KEY.fullmatch(value):
            self.problem(
                key,
                Text(
                    "ожидается до 63 строчных латинских букв, цифр, «-» и «_», первая — буква или цифра",
                    "up to 63 small Latin letters, digits, «-» and «_» are expected, the first a letter or digit",
                ),
            )
            return ""
        return value

    def choice(self, key: str, kind: type[Choice], default: Choice | None) -> Choice | None:
        """One of the values of an enumeration."""
        value = self.one_of(key, [member.value for member in kind], default.value if default else "")
        return kind(value) if value else None

    def one_of(self, key: str, allowed: Collection[str], default: str = "", *, required: bool = False) -> str:
        """One of the allowed strings."""
        value = self.text(key, required=required)
        if value and value not in allowed:
            names = listed(sorted(allowed))
            self.problem(key, Text(f"можно: {names}", f"allowed: {names}"), hint=did_you_mean(value, allowed))
            return default
        return value or default

    def reference(self, key: str, known: Collection[str], of: Text, *, required: bool = False) -> str:
        """The name of something that stands elsewhere in the file."""
        value = self.text(key, required=required)
        if value and value not in known:
            names = listed(known) or "—"
            self.problem(
                key,
                Text(f"в файле нет {of.ru} с таким именем, есть: {names}", f"no such {of.en} in the file: {names}"),
                hint=did_you_mean(value, known),
            )
            return ""
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """`true` or `false`."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(key, Text("ожидается true или false без кавычек", "true or false without quotes is expected"))
            return default
        return value

    def whole(self, key: str, default: int | None, low: int, high: int) -> int | None:
        """A whole number between the two, both included."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.problem(
                key,
                Text(f"ожидается целое число от {low} до {high}", f"a whole number from {low} to {high} is expected"),
            )
            return default
        return value

    def duration(
        self, key: str, default: timedelta, low: timedelta, high: timedelta, *, required: bool = False
    ) -> timedelta:
        """A time span such as "15m", between the two, both included."""
        value = self.raw(key)
        if value is None and not required:
            return default
        form = Text('ожидается время вида "30s", "15m", "4h" или "3d"', 'a time such as "30s", "15m", "4h", "3d"')
        bounds = Text(f" от {_spelt(low)} до {_spelt(high)}", f" from {_spelt(low)} to {_spelt(high)} is expected")
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        span = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else None
        if span is None or not low <= span <= high:
            self.problem(key, Text(form.ru + bounds.ru, form.en + bounds.en))
            return default
        return span

    def variable(self, key: str, *, required: bool = False) -> str:
        """The name of an environment variable that holds a secret; the secret itself is refused and never shown."""
        value = self.raw(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not is_variable(value):
            hidden = isinstance(value, str) and bool(value)
            self.problem(
                key,
                Text(
                    "ожидается имя переменной окружения заглавными буквами, например CITY_TOKEN",
                    "the name of an environment variable in capitals is expected, such as CITY_TOKEN",
                ),
                found=str(_HIDDEN) if hidden else None,
                hint=Text(
                    "Секреты в файле города не хранят: положите значение в переменную окружения, а сюда её имя"
                    + (" (если это настоящий секрет, смените его)" if hidden else ""),
                    "Secrets are not kept in a city file: put the value into an environment variable, its name here"
                    + (" (if this is a real secret, replace it)" if hidden else ""),
                ),
            )
            return ""
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """An array of strings that are not blank, without repeats."""
        value = self.raw(key)
        if value is None:
            return ()
        expected = Text("ожидается массив непустых строк без повторов", "an array of strings without repeats")
        if not isinstance(value, list):
            self.problem(key, expected)
            return ()
        kept: list[str] = []
        for index, item in enumerate(value):
            if isinstance(item, str) and item.strip() and item.strip() not in kept:
                kept.append(" ".join(item.split()))
            else:
                self.problem(key, expected, found=shown(item), index=index)
        return tuple(kept)

    def table(self, key: str) -> "Table":
        """A table inside, empty where it is missing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.problem(key, Text(f"ожидается таблица [{key}]", f"a table [{key}] is expected"))
        values = value if isinstance(value, dict) else {}
        return Table(self.document, (*self.path, key), values, ".".join(part for part in (self.name, key) if part))

    def tables(self, key: str) -> Iterator["Table"]:
        """The tables of an array of tables `[[key]]`, each named by its own `key` where it has one."""
        value = self.raw(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, Text(f"ожидаются таблицы [[{key}]]", f"tables [[{key}]] are expected"))
            return
        for index, item in enumerate(value):
            own = item.get("key")
            label = own if isinstance(own, str) and own else str(index + 1)
            yield Table(self.document, (*self.path, key, index), item, f"{key}[{label}]")

    def finish(self) -> None:
        """Every key that nobody asked for is an error: a misspelt key must not be silently without effect."""
        for key in self.values:
            if key not in self.known:
                names = ", ".join(sorted(self.known))
                self.problem(
                    key,
                    Text(f"такого ключа здесь нет, можно: {names}", f"there is no such key here, allowed: {names}"),
                    found="",
                    hint=did_you_mean(key, self.known),
                )


def is_variable(value: str) -> bool:
    """Whether it can be the name of an environment variable and does not look like a token written in capitals."""
    if not _VARIABLE.fullmatch(value):
        return False
    return not (len(value) >= 16 and "_" not in value and any(letter.isdigit() for letter in value))


def _spelt(span: timedelta) -> str:
    """A span in the form of the file."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"
