"""The whole check of a city file, called first by every verb: every problem at once, or the city."""

from collections.abc import Sequence
from pathlib import Path

from crawler.checking.document import Document
from crawler.checking.included import read_included
from crawler.checking.problems import Checked, CityFileError, Gravity, Problem, did_you_mean, listed
from crawler.checking.warnings import warn, warn_of_queries
from crawler.checking.whole import read_whole
from crawler.environment import city_folders
from crawler.model.city import City
from crawler.model.errors import OtklikError
from crawler.model.text import Text

__all__ = [
    "Checked",
    "CityFileError",
    "Gravity",
    "Problem",
    "check_cities",
    "check_city",
    "city_names",
    "find_city",
    "load_city",
]


def find_city(name_or_path: str, folders: Sequence[Path] | None = None) -> Path:
    """The city file of that path, or of that name in the folders of city files. OtklikError when there is none."""
    folders = list(city_folders() if folders is None else folders)
    given = Path(name_or_path)
    if given.is_file():
        return given
    if given.name == name_or_path and given.suffix != ".toml":
        for folder in folders:
            path = folder / f"{name_or_path}.toml"
            if path.is_file():
                return path
    known = city_names(folders)
    hint = did_you_mean(name_or_path, known)
    looked, names = listed(str(folder) for folder in folders), listed(known) or "—"
    raise OtklikError(
        Text(
            f"Нет города «{name_or_path}»: это не путь файла и не имя города в {looked}. "
            f"Есть города: {names}. {hint.ru}".rstrip(),
            f"No city «{name_or_path}»: neither a path of a file nor the name of a city in {looked}. "
            f"Cities there: {names}. {hint.en}".rstrip(),
        )
    )


def city_names(folders: Sequence[Path] | None = None) -> list[str]:
    """Names of the city files in the folders; a file of searches to include is none."""
    folders = city_folders() if folders is None else folders
    paths = [path for folder in folders for path in sorted(folder.glob("*.toml"))]
    return list(dict.fromkeys(path.stem for path in paths if "city" in Document.read(path).values))


def check_city(path: Path, folders: Sequence[Path] | None = None, *, warnings: bool = True) -> Checked:
    """Everything that is wrong with a city file, and the city if it can run. Without `warnings` those that need a look
    at the whole are left out: they cost the dictionary.
    """
    document = Document.read(path)
    if document.problems:
        return Checked(None, tuple(document.problems))
    folders = list(city_folders() if folders is None else folders)
    included = read_included(document, folders)
    whole = read_whole(document, included, folders, thoroughly=warnings)
    included += whole.rubric.documents
    if warnings and not _problems(document, included):
        warn(whole)
    elif warnings:
        # What an error leaves out of the file may be what another warning would be about; not that of a query.
        warn_of_queries(whole, gazetteer_too=False)
    problems = _problems(document, included)
    if any(problem.is_error for problem in problems):
        return Checked(None, problems)
    return Checked(whole.record(path.resolve()), problems)


def _problems(document: Document, included: Sequence[Document]) -> tuple[Problem, ...]:
    """Each once, in the order of the files and lines."""
    every = [problem for each in (document, *included) for problem in sorted(each.problems, key=lambda one: one.line)]
    return tuple(dict.fromkeys(every))


def check_cities(paths: Sequence[Path], folders: Sequence[Path] | None = None) -> list[Checked]:
    """The files of one installation, checked together: their keys must differ."""
    checked: list[Checked] = []
    seen: dict[str, Path] = {}
    for path in paths:
        one = check_city(path, folders)
        if one.city and one.city.key in seen:
            one = Checked(None, (*one.problems, _same_key(path, one.city.key, seen[one.city.key])))
        elif one.city:
            seen[one.city.key] = path
        checked.append(one)
    return checked


def _same_key(path: Path, key: str, other: Path) -> Problem:
    line = Document.read(path).positions.get(("city", "key"), (0, 0))[0]
    return Problem(
        path,
        line,
        "city.key",
        f'"{key}"',
        Text(f"такой ключ уже у города {other}", f"the city {other} has the same key"),
        hint=Text("В одной установке ключи городов различны", "Keys of the cities of one installation differ"),
    )


def load_city(name_or_path: str, folders: Sequence[Path] | None = None) -> City:
    """The city of a command line. CityFileError with every problem when its file cannot be taken."""
    path = find_city(name_or_path, folders)
    checked = check_city(path, folders, warnings=False)
    if checked.city is None:
        raise CityFileError(path, checked.problems)
    return checked.city
