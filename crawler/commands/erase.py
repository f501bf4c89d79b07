"""`otklik erase CITY POST…|AUTHOR…`: what a person asked to be erased goes from everywhere; what was done is told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from crawler.commands.shell import (
    CityArgument,
    JsonOption,
    err,
    opened,
    out,
    plain,
    print_json,
    progress,
    table,
    typable,
    who,
)
from crawler.erasing import Outcome, plan_of
from crawler.erasing import erase as carry_out
from crawler.model.text import Text
from search.erasure import Plan
from search.redaction import Redaction

WHAT = Text(
    "id публикаций или авторы: псевдоним, vk.com/id123, ПЛАТФОРМА:ID, телефон, имя",
    "ids of posts, or authors: pseudonym, vk.com/id123, PLATFORM:ID, telephone number, name",
)
WHY = Text(
    "основание, попадёт в журнал (без личных данных)", "the ground for it, kept in the journal (no personal data)"
)
YES = Text(
    "стереть; без этого ключа только показать, что будет", "do it; without this only what would be done is shown"
)
COMMENTS = Text("и комментарии других людей под ними", "what other people wrote under them too")
DRAIN = Text("секунд на индекс и заявки", "seconds for index and tickets")
ERASING = Text("Стираю", "Erasing")
KINDS = {
    "posts": Text("публикаций", "posts"),
    "versions": Text("версий текста", "versions of their texts"),
    "payloads": Text("ответов площадки", "answers of the platform"),
    "readings": Text("прочтений", "readings"),
    "observations": Text("наблюдений", "observations"),
    "matches": Text("срабатываний", "matches"),
    "images": Text("изображений", "images"),
    "reports": Text("обращений", "reports"),
    "authors": Text("авторов", "identities of authors"),
}
WOULD = Text("Будет стёрто", "Would be erased")
DID = Text("Стёрто", "Erased")
DRY = Text(
    "Ничего не стёрто. Стереть: тот же вызов с --yes (и --why «основание»).",
    "Nothing was erased. To do it: the same with --yes (and --why “the ground”).",
)
NOTHING = Text("Стирать нечего: этого уже нет.", "There is nothing to erase: it is gone already.")
LEFT = Text("Останутся {what} ({count}): {ids}", "Left are {what} ({count}): {ids}")
UNDER = Text("комментарии других людей под ними", "what other people wrote under them")
COPIES = Text("такие же или почти такие же тексты в других публикациях", "the same words or nearly in other posts")
REFUSED = Text("Новые публикации этих авторов не принимаются.", "What these authors write from now on is refused.")
TICKETS = {
    Redaction.DONE: Text("заявка обновлена, текста в ней больше нет", "the ticket was updated, the text is out of it"),
    Redaction.WAITS: Text(
        "обновление заявки ещё не принято, попытки продолжаются", "its update was not taken yet, tries go on"
    ),
    Redaction.BY_HAND: Text(
        "уберите текст там вручную: система не принимает изменений",
        "remove the text there by hand: it takes no changes",
    ),
}
INDEX_LEFT = Text(
    "Индекс ещё держит стёртое на диске. Повторите ту же команду, когда он ответит.",
    "The index still holds on disk what was erased. Repeat the same command once it answers.",
)
FILES_LEFT = Text(
    "Файлы состояния ещё держит другой процесс. Повторите ту же команду.",
    "Another process still keeps the state's files. Repeat the same command.",
)
CLEAN = Text("В файлах состояния и индексе стёртого не осталось.", "State and index hold nothing of it any more.")
BACKUPS = Text(
    "Прежние копии ещё держат стёртое: {ids}. При восстановлении оно сотрётся снова; удалите их или дайте им устареть.",
    "Earlier backups still hold it: {ids}. A restore erases it again; remove them, or let them be rotated out.",
)
_SHOWN = 10


def erase(
    city: CityArgument,
    what: Annotated[list[str], typer.Argument(metavar="POST…|AUTHOR…", help=str(WHAT), show_default=False)],
    why: Annotated[str, typer.Option(help=str(WHY), show_default=False)] = "",
    yes: Annotated[bool, typer.Option("--yes", help=str(YES))] = False,
    with_comments: Annotated[bool, typer.Option("--with-comments", help=str(COMMENTS))] = False,
    drain: Annotated[float, typer.Option("--drain", min=0.0, help=str(DRAIN))] = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Erase, or show what would be."""
    with opened(city) as desk:
        plan = plan_of(desk, what, with_comments=with_comments)
        if not yes:
            _show_plan(plan, as_json=as_json)
            return
        with progress(ERASING, len(plan.posts)) as done:
            outcome = carry_out(desk, plan, who(), why.strip(), drain, done)
        _show(plan, outcome, as_json=as_json)
    if not outcome.complete:
        raise typer.Exit(1)


def _show_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json({"erased": False, "counts": plan.counts, **_about(plan)})
        return
    _print_counts(WOULD, plan.counts)
    _print_left(plan)
    out.print(str(DRY), highlight=False)


def _show(plan: Plan, outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        tickets = [asdict(ticket) for ticket in outcome.tickets]
        state = {"index_clean": outcome.index_clean, "files_clean": outcome.files_clean, "errors": outcome.errors}
        backups = [str(path) for path in outcome.backups]
        print_json(
            {"erased": True, "counts": outcome.removed, **_about(plan), "tickets": tickets, "backups": backups, **state}
        )
        return
    _print_counts(DID, outcome.removed)
    _print_left(plan)
    if plan.authors:
        out.print(str(REFUSED), highlight=False)
    for ticket in outcome.tickets:
        number = Text("Инцидент № {number}", "Incident {number}").format(number=ticket.number)
        line = f"{number} → {ticket.destination} {ticket.external_id or '—'}: {TICKETS[ticket.redaction]}"
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    for error in outcome.errors:
        err.print(plain(typable(str(error))), style="yellow", markup=False, highlight=False, soft_wrap=True)
    for clean, text in ((outcome.index_clean, INDEX_LEFT), (outcome.files_clean, FILES_LEFT)):
        if not clean:
            err.print(str(text), style="red", highlight=False)
    if outcome.backups:
        listed = _listed([str(path) for path in outcome.backups])
        out.print(plain(BACKUPS.format(ids=listed)), markup=False, highlight=False, soft_wrap=True)
    if outcome.complete:
        out.print(str(CLEAN), style="green", highlight=False)


def _about(plan: Plan) -> dict[str, object]:
    return {"posts": plan.posts, "authors": plan.authors, "comments_left": plan.comments, "copies_left": plan.copies}


def _print_counts(title: Text, counts: Mapping[str, int]) -> None:
    rows = [(KINDS.get(kind, kind), count) for kind, count in counts.items() if count]
    if not rows:
        out.print(str(NOTHING), highlight=False)
        return
    out.print(table(title, [Text("что", "what"), Text("число", "count")], rows))


def _print_left(plan: Plan) -> None:
    for what, ids in ((UNDER, plan.comments), (COPIES, plan.copies)):
        if ids:
            out.print(plain(LEFT.format(what=what, count=len(ids), ids=_listed(ids))), markup=False, highlight=False)


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
