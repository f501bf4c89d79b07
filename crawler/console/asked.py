"""One request, as a page sees it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request

from crawler.accounts import users
from crawler.accounts.roles import Permission
from crawler.accounts.sessions import Session
from crawler.accounts.users import User
from crawler.console.options import Options
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.model.city import City
from crawler.model.errors import ByOtherError, OtklikError
from crawler.model.text import Text

# An address of ours: one slash and no second, nothing that a browser would read as one.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


class People:
    """What colleagues call each other. Read when the first name is asked for: most pages show none."""

    def __init__(self, installation: Installation) -> None:
        self._database = installation.database
        self._names: Mapping[str, str] | None = None

    def called(self, name: str) -> str:
        """What people call somebody who signs in with that name; the name itself of one who is none of them."""
        if not name:
            return ""
        if self._names is None:
            with self._database.read() as connection:
                self._names = users.shown_names(connection)
        return self._names.get(name, name)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is made from. `form` holds what was sent, every value of every name; `people` are the names that
    colleagues read, by those they sign in with.
    """

    installation: Installation
    options: Options
    request: Request
    now: datetime
    session: Session | None = None
    desk_or_none: Desk | None = None
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    people: "People" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", People(self.installation))

    @property
    def user(self) -> User:
        """Who asks; only pages that anybody may see are asked by nobody."""
        assert self.session is not None
        return self.session.user

    @property
    def desk(self) -> Desk:
        """The desk of the city in the address; only pages without one have none."""
        assert self.desk_or_none is not None
        return self.desk_or_none

    @property
    def city(self) -> City:
        """The city in the address."""
        return self.desk.city

    @property
    def cities(self) -> list[City]:
        """The cities that whoever asks may see."""
        desks = self.installation.desks.values()
        return [desk.city for desk in desks if self.session is not None and self.user.sees(desk.city.key)]

    @property
    def here(self) -> str:
        """The address of this page; the start where it answers a form."""
        url = self.request.url
        return (url.path + (f"?{url.query}" if url.query else "")) if self.request.method == "GET" else "/"

    @property
    def back(self) -> str:
        """Where a form says that its sender was, a page of this city; else the queue."""
        back = local(self.value("back"))
        return back if back.startswith(f"/{self.city.key}/") else f"/{self.city.key}/queue?view=all"

    @property
    def by_script(self) -> bool:
        """Whether htmx asks, which puts the answer into the page that is there."""
        return self.request.headers.get("hx-request") == "true"

    def wake_courier(self) -> None:
        """Something was decided: what follows from it is sent."""
        self.request.app.state.courier.wake(self.city.key)

    def may(self, permission: Permission) -> bool:
        """Whether who asks may do it."""
        return self.session is not None and self.user.may(permission)

    def told(self, error: OtklikError) -> Text:
        """What an error says, people in it called as colleagues know them."""
        return error.named(self.people.called(error.who)) if isinstance(error, ByOtherError) else error.text

    def value(self, name: str) -> str:
        """One value of the form, else of the address, "" for none."""
        sent = self.form.get(name)
        return sent[0] if sent else self.request.query_params.get(name, "")

    def values(self, name: str) -> list[str]:
        """Every value of that name in the form, else in the address."""
        return list(self.form[name]) if name in self.form else self.request.query_params.getlist(name)

    def number(self, name: str, least: int, most: int, otherwise: int) -> int:
        """A whole number of the form or address, kept between two; `otherwise` where none was given."""
        given = self.value(name)
        return (
            min(max(int(given), least), most) if given.isascii() and given.isdigit() and len(given) < 12 else otherwise
        )

    def path(self, name: str) -> str:
        """A part of the address that the page's path names."""
        return str(self.request.path_params[name])


def local(path: str) -> str:
    """The path if it leads to a page of ours, else the start."""
    return path if _LOCAL.fullmatch(path) else "/"


class Trouble(Exception):  # noqa: N818 - what is shown is no error of ours
    """A page that says what is wrong and what to do, with the status it has."""

    def __init__(self, status: int, title: Text, text: Text) -> None:
        super().__init__(text.en)
        self.status = status
        self.title = title
        self.text = text
