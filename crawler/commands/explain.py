"""`otklik explain CITY POST`: why a post was taken as a copy, placed, read as its act, matched and grouped."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from crawler.commands.apart import said_of
from crawler.commands.places import place_json
from crawler.commands.shell import CityArgument, JsonOption, full_time, opened, out, plain, print_json
from crawler.commands.stories import why_member
from crawler.desk import Desk
from crawler.model.act_names import ACTS
from crawler.model.city import SourceRole
from crawler.model.errors import OtklikError
from crawler.model.items import Act, EventTime, TimePrecision
from crawler.model.text import Text
from pipelines.act import Told, act_of
from search.analysis import analyze
from search.document import document_of
from search.explaining import Copy, CopyKind, Explained, explain_post
from search.state import apart, archive
from search.state.archive import Stored
from search.story_list import Member
from search.titles import place_text

POST = Text("номер публикации, как его показывает search", "id of a post, as search shows it")
UNKNOWN = Text(
    "В городе {city} нет публикации {post}. Номера показывает otklik search {city} ЗАПРОС.",
    "{city} has no post {post}. otklik search {city} QUERY shows ids.",
)

# How exactly a place is known has the same words as its kind, and a time words of its own.
WORDS = {
    "settlement": Text("населённый пункт", "settlement"),
    "district": Text("район", "district"),
    "street": Text("улица", "street"),
    "house": Text("дом", "house"),
    "intersection": Text("перекрёсток", "intersection"),
    "landmark": Text("ориентир", "landmark"),
    "none": Text("неизвестно", "unknown"),
    "second": Text("до секунды", "to the second"),
    "minute": Text("до минуты", "to the minute"),
    "day": Text("до дня", "to the day"),
    "part": Text("до части дня", "to the part of a day"),
    "week": Text("до недели", "to the week"),
    "month": Text("до месяца", "to the month"),
}
HOW = Text(
    "правило {rule}, уверенность {sure}; район {district}; точка {point} ({exact})",
    "rule {rule}, confidence {sure}; district {district}; point {point} ({exact})",
)
DECIDED = {
    "district": Text("из одноимённых выбрано по району рядом", "told from its namesakes by the district beside it"),
    "thread": Text("из одноимённых выбрано по ветке", "told from its namesakes by the thread"),
    "house": Text("из одноимённых выбрано по дому", "told from its namesakes by the house"),
    "home": Text("из одноимённых выбрано по городу источника", "told from its namesakes by the home of the source"),
}
MAY_BE = Text("может быть: {one}", "may be: {one}")
TOPIC = Text("Тема: {topic}, уверенность {confidence}", "Topic: {topic}, confidence {confidence}")
ACT = Text("Вид высказывания: {act}, правило {rule}", "What it does: {act}, rule {rule}")
NO_ACT = Text("Вид высказывания: не понятен", "What it does: cannot be told")
READ_BEFORE = Text(
    "Вид высказывания: {act}; так прочли прежние правила, нынешние прочтут, когда публикация придёт снова",
    "What it does: {act}; read by earlier rules, today's will read it when the post comes again",
)
COPY = Text("Копия публикации {id}: {why}.", "A copy of {id}: {why}.")
ORIGINAL = Text("Оригинал; копии:", "The original; copies:")
SHORT = Text("Текст короток, по нему одному копии не ищутся.", "Too short for copies to be told by text alone.")
WHY_COPY = {
    CopyKind.EXACT: Text("те же слова", "the same words"),
    CopyKind.NEAR: Text(
        "тот же текст с описками, обрезанный или дополненный, общего {share}",
        "the same text with slips, cut or added to, {share} in common",
    ),
    CopyKind.REPOST: Text("репост, общего {share}", "a repost, {share} in common"),
}
STORY = Text("Сюжет {id}: {why}.", "Story {id}: {why}.")
STUB = Text(
    "Только начало: остальное сайт не показал ({why}).", "The beginning only: the site kept the rest back ({why})."
)
NONE = Text("нет", "none")
OFFICIAL = Text(
    "Это голос власти: в архиве он есть, инцидента не поднимает (role источника или автор)",
    "This is an authority's voice: it is in the archive and raises no incident (role of the source, or the author)",
)
OPEN = Text("не сказано", "not told")
NO_TIME = Text("время поступления", "time of arrival")


def explain(
    city: CityArgument, post: Annotated[str, typer.Argument(help=str(POST))], as_json: JsonOption = False
) -> None:
    """Show how a post was read, matched and grouped."""
    with opened(city) as desk:
        with desk.database.read() as connection:
            # An argument of bytes that are no UTF-8 names no post.
            post = post.encode("utf-8", "replace").decode()
            stored = archive.load(connection, desk.city.key, [post]).get(post)
            if stored is None:
                raise OtklikError(UNKNOWN.filled(city=desk.city.key, post=post))
            explained = explain_post(connection, desk.city, stored)
        if as_json:
            print_json(_as_json(desk, stored, explained))
        else:
            _show(desk, stored, explained)


def _as_json(desk: Desk, stored: Stored, explained: Explained) -> dict[str, object]:
    told = _told(desk, stored)
    return {
        "id": stored.post.id,
        "version": stored.post.version,
        "published_at": stored.post.published_at,
        "precision": stored.post.precision,
        "stub": stored.post.stub,
        "copy_of": stored.reading.copy_of,
        "copy_why": _copy_json(explained.copy) if explained.copy else None,
        "story": stored.reading.story,
        "story_why": _story_json(explained.member) if explained.member else None,
        "decisions": [asdict(one) for one in explained.decisions],
        "copies": [copy.post for copy in explained.copies],
        "copies_why": [_copy_json(copy) for copy in explained.copies],
        "places": [
            {**place_json(place), "rule": place.rule, "decided": place.decided} for place in stored.reading.places
        ],
        "event_times": [_event_json(one) for one in stored.reading.event_times],
        "topic": stored.reading.topic,
        "topic_confidence": stored.reading.topic_confidence,
        "topic_words": _topic_words(desk, stored),
        "act": stored.reading.act,
        "act_rule": told.rule if told else None,
        "act_why": [{"cue": cue, "words": words} for cue, words in told.cues] if told else None,
        "matches": _matches(desk, stored),
        "reports": explained.reports,
    }


def _event_json(one: EventTime) -> dict[str, object]:
    return {
        "field": one.field,
        "start": one.start,
        "end": one.end,
        "quote": one.quote,
        "begins": _local(one.begins, one),
        "ends": _local(one.ends, one),
        "precision": one.precision,
    }


def _local(at: datetime | None, one: EventTime) -> datetime | None:
    """A time of an event in the zone of its source."""
    return at.astimezone(ZoneInfo(one.zone)) if at else None


def _show_event_times(stored: Stored, say: Callable[..., None]) -> None:
    say(_heading(Text("Когда, по тексту:", "When, by the text:"), stored.reading.event_times), "bold")
    for one in stored.reading.event_times:
        begins, ends = (full_time(at, ZoneInfo(one.zone)) if at else OPEN for at in (one.begins, one.ends))
        say(f"  «{one.quote}» → {begins} … {ends} ({WORDS[one.precision]})")


def _topic_words(desk: Desk, stored: Stored) -> list[str]:
    """The words that told the topic; none where what told it is another by now."""
    model, topic = desk.topic_model, stored.reading.topic
    return model.why(analyze(stored.post.title, stored.post.text), topic) if model and topic else []


def _show_topic(desk: Desk, stored: Stored, say: Callable[..., None]) -> None:
    if stored.reading.topic:
        told = TOPIC.format(topic=stored.reading.topic, confidence=f"{stored.reading.topic_confidence:.0%}")
        say(told, "bold")
        for word in _topic_words(desk, stored):
            say(f"    «{word}»", "dim")


def _told(desk: Desk, stored: Stored) -> Told | None:
    """Why the post was read as this act; None where other rules than today's read it."""
    post, reading = stored.post, stored.reading
    role = next((source.role for source in desk.city.sources if source.key == post.source), SourceRole.PUBLIC)
    told = act_of(post, role, reading.places)
    return told if told.act == reading.act else None


def _copy_json(copy: Copy) -> dict[str, object]:
    return {"id": copy.post, "kind": copy.kind, "score": round(copy.score, 3)}


def _story_json(member: Member) -> dict[str, object]:
    return {"follows": member.follows, "score": round(member.score, 3), "words": member.words}


def _show_copies(stored: Stored, explained: Explained, say: Callable[..., None]) -> None:
    if explained.copy:
        say(COPY.format(id=explained.copy.post, why=_why_copy(explained.copy)))
    elif explained.copies:
        say(str(ORIGINAL))
        for copy in explained.copies:
            say(f"  {copy.post}: {_why_copy(copy)}", "dim")
    elif not stored.copy_key and not any(one.what == apart.COPY for one in explained.decisions):
        say(str(SHORT))


def _show_story(desk: Desk, stored: Stored, explained: Explained, say: Callable[..., None]) -> None:
    for decision in explained.decisions:
        say(said_of(decision, desk.city.zone))
    if explained.member:
        say(STORY.format(id=stored.reading.story, why=why_member(explained.member)))


def _why_copy(copy: Copy) -> str:
    return WHY_COPY[copy.kind].format(share=f"{copy.score:.0%}")


def _show_act(desk: Desk, stored: Stored, say: Callable[..., None]) -> None:
    told = _told(desk, stored)
    act = ACTS[Act(stored.reading.act)] if stored.reading.act else NONE
    if told is None:
        say(READ_BEFORE.format(act=act), "bold")
        return
    say(ACT.format(act=act, rule=told.rule) if told.act else str(NO_ACT), "bold")
    for cue, words in told.cues:
        say(f"    «{words}» ← {cue}", "dim")


def _matches(desk: Desk, stored: Stored) -> list[dict[str, Any]]:
    """What fits now, with the words that made it fit."""
    post = stored.post
    fields = {"title": post.title, "text": post.text}
    found = desk.monitor.match(document_of(post, stored.reading), desk.clock.now())
    return [
        {
            "search": one.search.id,
            "name": one.search.name,
            "why": [
                {
                    "clause": one.search.query[reason.clause[0] : reason.clause[1]],
                    "words": fields.get(reason.field, "")[reason.start : reason.end],
                }
                for reason in one.match.why
            ],
        }
        for one in found
    ]


def _show(desk: Desk, stored: Stored, explained: Explained) -> None:
    post, reading = stored.post, stored.reading

    def say(text: str, style: str = "") -> None:
        out.print(plain(text), style=style, markup=False, highlight=False)

    exact = NO_TIME if post.precision is TimePrecision.NONE else WORDS[post.precision]
    say(f"{post.id}  v{post.version}  {full_time(post.published_at, desk.city.zone)} ({exact})", "bold")
    say(f"{post.title}\n{post.text}".strip())
    if post.stub:
        say(STUB.format(why=post.stub))
    _show_copies(stored, explained, say)
    _show_story(desk, stored, explained, say)
    say(_heading(Text("Места:", "Places:"), reading.places), "bold")
    for place in reading.places:
        point = f"{place.lat}, {place.lon}" if place.lat is not None else "—"
        say(f"  «{place.quote}» → {WORDS[place.kind]}: {place_text(place, desk.city.home)}")
        exact = WORDS[place.precision]
        values = {"rule": place.rule, "sure": f"{place.confidence:.2f}", "district": place.district or "—"}
        say(f"    {HOW.format(point=point, exact=exact, **values)}", "dim")
        if place.decided:
            say(f"    {DECIDED[place.decided]}", "dim")
        for one in place.candidates:
            say(f"    {MAY_BE.format(one=one)}", "dim")
    _show_event_times(stored, say)
    _show_topic(desk, stored, say)
    _show_act(desk, stored, say)
    matches = _matches(desk, stored)
    say(_heading(Text("Совпадения:", "Matches:"), matches), "bold")
    for match in matches:
        say(f"  {match['search']} «{match['name']}»")
        for reason in match["why"]:
            say(f"    «{reason['words']}» ← {reason['clause']}", "dim")
    say(_heading(Text("Обращения и инциденты:", "Reports and incidents:"), explained.reports), "bold")
    if matches and not explained.reports and document_of(post, reading).official:
        say(f"  {OFFICIAL}", "dim")
    for report in explained.reports:
        say(f"  № {report['number']} {report['title']}: {report['why']}")


def _heading(text: Text, found: Sequence[object]) -> str:
    return str(text) if found else f"{text} {NONE}"
