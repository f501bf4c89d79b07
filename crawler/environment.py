"""Everything that comes from outside the checkout: environment variables are read here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.model.errors import OtklikError
from crawler.model.text import Text

CHECKOUT = Path(__file__).resolve().parent.parent


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

    def configuration(self) -> Path:
        """The user's configuration folder of Otklik: never inside an installation, so never in its backup."""
        base = self.variables.get("XDG_CONFIG_HOME", "")
        home = Path(self.variables.get("HOME") or Path.home())
        return (Path(base) if Path(base).is_absolute() else home / ".config") / "otklik"


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
