"""`otklik risks CITY`: information risks, how each rose, who was first and how far it reached."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from crawler.commands.incidents import incident_json
from crawler.commands.shell import CityArgument, JsonOption, local_time, opened, out, plain, print_json, table
from crawler.desk import Desk
from crawler.model.items import AuthorRole
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.text import Text
from search.risk_voices import Public, Voice
from search.risks import HOUR, Risk, Step
from search.risks import risks as found_risks
from search.states import OPEN, STATE_NAMES, State

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"
ALL = Text("и закрытые, отклонённые, чужие", "closed, rejected and foreign ones too")
NONE = Text("Информационных рисков нет.", "No information risks.")
CURVE = Text(
    "{bars}  {first} – {last}, {step}, больше всего {most}{rest}",
    "{bars}  {first} – {last}, {step}, {most} at most{rest}",
)
GOES_ON = Text("; последний ещё идёт", "; the last one still goes on")
BY_HOUR, BY_DAY = Text("по часам", "by hours"), Text("по дням", "by days")
COUNTS = Text(
    "Публикаций {posts}, из них перепечаток {copies}; авторов {authors}, источников {publics}{views}",
    "{posts} posts, {copies} of them copies; {authors} authors, {publics} sources{views}",
)
VIEWS = Text(", просмотров {views}", ", seen {views} times")
GROWTH = Text(
    "За последние {span}: {now}, за столько же до того: {before}", "Last {span}: {now}, as long before: {before}"
)
WORDS = Text("Новые слова: {words}", "New words: {words}")
ROLES = {
    AuthorRole.RESIDENT: Text("житель", "resident"),
    AuthorRole.OFFICIAL: Text("власть", "official"),
    AuthorRole.MEDIA: Text("СМИ", "media"),
    AuthorRole.UNKNOWN: Text("не известно", "unknown"),
}


def risks(
    city: CityArgument,
    every: Annotated[bool, typer.Option("--all", help=str(ALL))] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the open information risks, worst and most urgent first."""
    with opened(city) as desk:
        with desk.database.read() as connection:
            found = found_risks(connection, desk.city, desk.clock.now(), list(State) if every else OPEN)
        for risk in found:
            if as_json:
                print_json(_as_json(risk))
            else:
                _show(desk, risk)
        if not found and not as_json:
            out.print(str(NONE))


def sparkline(steps: Sequence[Step]) -> str:
    """A bar a step, the highest for the most; a dot where there is nothing."""
    most = max((step.posts for step in steps), default=0)
    return "".join(BARS[-(-step.posts * len(BARS) // most) - 1] if step.posts else NOTHING for step in steps)


def _as_json(risk: Risk) -> dict[str, object]:
    content = asdict(risk) | {"incident": incident_json(risk.incident)}
    # What raised it stands under its key: the search itself is told by `otklik lint` and the city file.
    content.pop("raised_by")
    return content | {name: int(getattr(risk, name) / timedelta(seconds=1)) for name in ("step", "within")}


def _show(desk: Desk, risk: Risk) -> None:
    incident, zone = risk.incident, desk.city.zone
    head = f"№ {incident.number}  {incident.title} ({STATE_NAMES[incident.state]})"
    out.print(plain(head), style="bold", markup=False, highlight=False)
    first, last = (local_time(step.at, zone) for step in (risk.curve[0], risk.curve[-1]))
    most = max(step.posts for step in risk.curve)
    rest = GOES_ON if risk.unfinished else ""
    step = BY_HOUR if risk.step == HOUR else BY_DAY
    lines = [CURVE.format(bars=sparkline(risk.curve), first=first, last=last, step=step, most=most, rest=rest)]
    views = VIEWS.format(views=risk.views) if risk.views is not None else ""
    counts = {"posts": risk.posts, "copies": risk.copies, "authors": risk.authors, "publics": len(risk.publics)}
    lines.append(COUNTS.format(**counts, views=views))
    lines.append(GROWTH.format(span=_spelt(risk.within), now=risk.now, before=risk.before))
    if risk.words:
        lines.append(WORDS.format(words=", ".join(risk.words)))
    for line in lines:
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    if risk.first:
        columns = [Text("когда", "when"), Text("источник", "source"), Text("кто", "who"), Text("публикация", "post")]
        told = [(local_time(one.published_at, zone), one.source, _who(one), one.post) for one in risk.first]
        out.print(table(Text("Первые", "The first"), columns, told, numbers_from=len(columns)))
        columns = [Text("источник", "source"), Text("чей", "whose"), Text("первая", "first")]
        columns += [Text("публикаций", "posts"), Text("просмотров", "views")]
        reached = [_reach(one, zone) for one in risk.publics]
        out.print(table(Text("Где", "Where"), columns, reached, numbers_from=3))
    out.print()


def _reach(public: Public, zone: ZoneInfo) -> tuple[object, ...]:
    views = "—" if public.views is None else public.views
    return public.source, SOURCE_ROLES[public.role], local_time(public.first_at, zone), public.posts, views


def _who(voice: Voice) -> str:
    """The role, and enough of the pseudonym to tell one author from another."""
    return " ".join(part for part in (str(ROLES[voice.role]), voice.author[:8]) if part)


def _spelt(span: timedelta) -> str:
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    if minutes:
        return str(Text(f"{span // timedelta(minutes=1)} мин", f"{span // timedelta(minutes=1)} min"))
    days, rest = divmod(hours, 24)
    return str(Text(f"{hours} ч", f"{hours} h") if rest else Text(f"{days} дн.", f"{days} d"))
