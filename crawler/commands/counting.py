"""How outcomes and what still waits are shown: every post under one word, nothing left out."""

from collections.abc import Mapping
from typing import Annotated

import typer

from crawler.commands.shell import err, out, plain, table, typable
from crawler.health import Waiting
from crawler.model.text import Text

DRAIN = Text(
    "секунд на индекс, доставки и изображения в конце; что не успело, сделает следующий проход",
    "seconds for index, deliveries and images at the end; the next pass does what is left",
)
DrainOption = Annotated[float, typer.Option("--drain", min=0.0, help=str(DRAIN))]

WORDS = {
    "new": Text("новых", "new"),
    "changed": Text("изменённых", "changed"),
    "unchanged": Text("прежних", "unchanged"),
    "rejected": Text("отклонённых", "rejected"),
    "skipped": Text("пропущенных", "skipped"),
    "gone": Text("исчезнувших", "gone"),
}
BAD_LINES = Text("негодных строк", "bad lines")
REASONS = Text("Причины: {list}", "Reasons: {list}")
WAITING = Text(
    "Ждут следующего прохода: в индекс {index}, доставок {deliver}, изображений {images}, отказов в доставке {dead}.",
    "Left for the next pass: {index} to index, {deliver} to deliver, {images} images to fetch, {dead} refused by their "
    "ticket systems.",
)


def print_outcomes(outcomes: Mapping[str, int], reasons: Mapping[str, int], bad: int = 0) -> None:
    """A table of every outcome, and the reasons beneath it."""
    rows: list[tuple[object, object]] = [(WORDS.get(word, word), count) for word, count in outcomes.items() if count]
    if bad:
        rows.append((BAD_LINES, bad))
    out.print(table(Text("Публикации", "Posts"), [Text("исход", "outcome"), Text("число", "count")], rows))
    if reasons:
        listed = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        out.print(plain(REASONS.format(list=listed)), style="dim", markup=False, highlight=False)


def print_drained(drained: Waiting) -> None:
    """What still waits, and what kept it; nothing when all went through."""
    counts = {
        "index": drained.index,
        "deliver": drained.deliveries,
        "images": drained.images,
        "dead": drained.dead,
    }
    if any(counts.values()):
        err.print(WAITING.format(**counts), style="yellow", highlight=False)
    for error in drained.errors:
        err.print(plain(typable(str(error))), style="yellow", highlight=False, markup=False, soft_wrap=True)
