"""Everything that comes from outside the checkout: environment variables are read here and nowhere else."""

import base64
import contextlib
import os
import re
import shutil
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawler.model.errors import OtklikError
from crawler.model.keys import KEY_SIZE, InstallationKeys
from crawler.model.text import Text

LEAST_TOKEN = 16
KEY_VARIABLES = ("OTKLIK_HASH_KEY", "OTKLIK_ENCRYPTION_KEY")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_EVERY = re.compile(r"(\d{1,5})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class HeartbeatPlan:
    """Which address `otklik run` calls while all is well and how often; `fail_url`, where given, is told why not."""

    url: str = field(repr=False)
    every: timedelta
    fail_url: str = field(default="", repr=False)


@dataclass(frozen=True)
class Environment:
    """The variables of a process, by default those of this one."""

    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def home(self, given: Path | None = None) -> Path:
        """The installation: `--data`, else OTKLIK_HOME, else `var` in the current folder."""
        return (given or Path(self.variables.get("OTKLIK_HOME") or "var")).expanduser().resolve()

    def locale(self) -> str:
        """The locale for texts: the first variable set, Russian where it names no language (C, POSIX)."""
        for name in ("OTKLIK_LOCALE", "LC_ALL", "LC_MESSAGES", "LANG"):
            value = self.variables.get(name)
            if value:
                return "en" if value.partition(".")[0].partition("_")[0].lower() == "en" else "ru"
        return "ru"

    def city_folders(self) -> list[Path]:
        """Where a city is looked up by name: the folders of OTKLIK_CITIES, then cities/ of the checkout."""
        named = [Path(part).expanduser() for part in self.variables.get("OTKLIK_CITIES", "").split(os.pathsep) if part]
        return [*named, CHECKOUT / "cities"]

    def metrics_token(self) -> str:
        """What a scrape of /metrics must bring, "" where any may. OtklikError when it could be guessed."""
        token = self.variables.get("OTKLIK_METRICS_TOKEN", "").strip()
        if token and len(token) < LEAST_TOKEN:
            raise OtklikError(
                Text(
                    f"OTKLIK_METRICS_TOKEN короче {LEAST_TOKEN} знаков: возьмите случайный (openssl rand -hex 16)",
                    f"OTKLIK_METRICS_TOKEN is under {LEAST_TOKEN} characters: take a random one (openssl rand -hex 16)",
                )
            )
        return token

    def heartbeat(self) -> HeartbeatPlan | None:
        """The plan of the heartbeat, None where no address is set. OtklikError, which shows none, when one is wrong."""
        url, fail_url = (self.variables.get(f"OTKLIK_HEARTBEAT_{name}", "").strip() for name in ("URL", "FAIL_URL"))
        if not url:
            return None
        for name, value in (("URL", url), ("FAIL_URL", fail_url)):
            if value and not is_web(value):
                raise OtklikError(
                    Text(
                        f"OTKLIK_HEARTBEAT_{name}: ожидается адрес http:// или https://",
                        f"OTKLIK_HEARTBEAT_{name}: an address http:// or https:// is expected",
                    )
                )
        every = self.variables.get("OTKLIK_HEARTBEAT_EVERY", "").strip() or "60s"
        read = _EVERY.fullmatch(every)
        if not read or not int(read[1]):
            raise OtklikError(
                Text(
                    f"OTKLIK_HEARTBEAT_EVERY={every}: ожидается время вида 60s или 5m",
                    f"OTKLIK_HEARTBEAT_EVERY={every}: a time such as 60s or 5m is expected",
                )
            )
        return HeartbeatPlan(url, timedelta(seconds=int(read[1]) * _UNITS[read[2]]), fail_url)

    def configuration(self) -> Path:
        """The user's configuration folder of Otklik: never inside an installation, so never in its backup."""
        base = self.variables.get("XDG_CONFIG_HOME", "")
        home = Path(self.variables.get("HOME") or Path.home())
        return (Path(base) if Path(base).is_absolute() else home / ".config") / "otklik"

    def chromium(self) -> Path | None:
        """A browser for pages in JavaScript: the system's, else the newest that Playwright installed; None for none."""
        for name in CHROMIUMS:
            if found := shutil.which(name, path=self.variables.get("PATH", os.defpath)):
                return Path(found)
        home = Path(self.variables.get("HOME") or Path.home())
        cache = self.variables.get("PLAYWRIGHT_BROWSERS_PATH") or home / ".cache" / "ms-playwright"
        return max(Path(cache).glob("chromium-*/chrome-linux*/chrome"), default=None)


def is_web(url: str) -> bool:
    """Whether it is an address with a host that can be asked over HTTP."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def city_folders() -> list[Path]:
    """Where this process looks a city up by name."""
    return Environment().city_folders()


@dataclass(frozen=True)
class EnvironmentSecrets:
    """Secrets by the name of their variable. `needed_by` says in an error what the variable is for."""

    environment: Environment = field(default_factory=Environment, repr=False)
    needed_by: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The secret, or an OtklikError that names the variable and what needs it."""
        value = self.environment.variables.get(name, "")
        if value.strip():
            return value.strip()
        user = self.needed_by.get(name, "")
        raise OtklikError(
            Text(
                f"Переменная окружения {name} не задана"
                + (f", она нужна для {user}" if user else "")
                + f". Задайте её: export {name}=…",
                f"The environment variable {name} is not set"
                + (f"; {user} needs it" if user else "")
                + f". Set it: export {name}=…",
            )
        )


_NO_KEYS = Text(
    "Здесь нет ключей: ни файла {path}, ни переменных {names}. Верните ключи этой установки: в копии данных их нет",
    "There are no keys here: neither the file {path} nor the variables {names}. Bring the keys of this installation "
    "back: a backup of the data does not hold them",
)


def load_keys(environment: Environment, home: Path, *, make: bool = True) -> InstallationKeys:
    """The keys of an installation: from the environment, else from the key file, which the first run makes.

    OtklikError when there are none and none are to be made, when they are malformed, when others could read the file
    or when it would lie inside `home`.
    """
    given = [environment.variables.get(name, "") for name in KEY_VARIABLES]
    if any(given):
        missing = [name for name, value in zip(KEY_VARIABLES, given, strict=True) if not value]
        if missing:
            raise OtklikError(
                Text(
                    f"Задан только один из двух ключей: задайте и {missing[0]} (32 байта в base64)",
                    f"Only one of the two keys is set: set {missing[0]} too (32 bytes in base64)",
                )
            )
        return InstallationKeys(*(_decoded(name, value) for name, value in zip(KEY_VARIABLES, given, strict=True)))
    path = environment.configuration() / "keys.toml"
    if path.resolve().is_relative_to(home.resolve()):
        raise OtklikError(
            Text(
                f"Файл ключей {path} лежал бы внутри установки {home} и попадал бы в её копии: задайте другую папку "
                "в XDG_CONFIG_HOME или другую установку в OTKLIK_HOME",
                f"The key file {path} would lie inside the installation {home} and so in its backups: set another "
                "folder in XDG_CONFIG_HOME or another installation in OTKLIK_HOME",
            )
        )
    try:
        if not path.exists():
            if not make:
                raise OtklikError(_NO_KEYS.filled(path=path, names=", ".join(KEY_VARIABLES)))
            _make_key_file(path)
        return _read_key_file(path)
    except OSError as error:
        raise OtklikError(
            Text(
                f"Файл ключей {path} недоступен: {error.strerror}. Дайте на него права или задайте "
                f"{' и '.join(KEY_VARIABLES)}",
                f"The key file {path} cannot be used: {error.strerror}. Mend its permissions or set "
                f"{' and '.join(KEY_VARIABLES)}",
            )
        ) from error


def _make_key_file(path: Path) -> None:
    """Write new keys so that of several processes at once one wins and all read the same keys."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = InstallationKeys.generate()
    text = (
        "# Keys of Otklik. Keep a copy in a safe place, apart from backups of the data: without it the identities\n"
        "# of authors in the data cannot be read again, with it they can.\n"
        f'hash = "{base64.b64encode(keys.hash_key).decode()}"\n'
        f'encryption = "{base64.b64encode(keys.encryption_key).decode()}"\n'
    )
    handle, name = tempfile.mkstemp(prefix=".keys-", dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its keys hold
            os.link(name, path)
    finally:
        Path(name).unlink()


def _read_key_file(path: Path) -> InstallationKeys:
    for place in (path.parent, path):
        status = place.stat()
        forbidden = 0o077 if place is path else 0o022
        if status.st_mode & forbidden:
            mode = "600" if place is path else "700"
            raise OtklikError(
                Text(
                    f"Ключи доступны другим пользователям: права {stat.filemode(status.st_mode)} у {place}. "
                    f"Исправьте: chmod {mode} {place}",
                    f"Others can get at the keys: {place} has the mode {stat.filemode(status.st_mode)}. "
                    f"Mend it: chmod {mode} {place}",
                )
            )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OtklikError(
            Text(
                f"Файл ключей {path} испорчен: {error}. Верните его из копии",
                f"The key file {path} is damaged: {error}. Bring it back from a copy",
            )
        ) from error
    return InstallationKeys(*(_decoded(f"{path}: {name}", values.get(name, "")) for name in ("hash", "encryption")))


def _decoded(where: str, value: object) -> bytes:
    try:
        key = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE:
        raise OtklikError(
            Text(
                f"{where}: ожидается ключ из {KEY_SIZE} байт в base64 (например, от openssl rand -base64 32)",
                f"{where}: a key of {KEY_SIZE} bytes in base64 is expected (such as openssl rand -base64 32 prints)",
            )
        )
    return key
