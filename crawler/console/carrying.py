"""Found posts carried out of the console as a file: written aside first, so that what comes is whole or an error."""

import os
import tempfile
import threading
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from crawler.console.asked import Asked, Trouble
from crawler.model.text import Text
from search.export import FORMATS, row_of
from search.finding import Finding
from search.tree import Query

MOST = 50_000
"""Rows of one file; who needs more takes `otklik export`, which has no bound."""
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


MOST_AT_ONCE = 2
"""Files that are written at the same time: each takes a core for seconds, and pages are waited for meanwhile."""
BUSY = Text("Выгрузка занята", "Exports are busy")
BUSY_TEXT = Text(
    "Сейчас пишутся другие выгрузки, больше {most} сразу не пишется. Подождите минуту и повторите.",
    "Other exports are being written, no more than {most} are at once. Wait a minute and try again.",
)
WRITING = threading.BoundedSemaphore(MOST_AT_ONCE)


def carried(asked: Asked, query: Query, form: str) -> Response:
    """The file of a kind of search/export.py with the newest posts that a query finds. Trouble while too many others
    are being written.
    """
    if not WRITING.acquire(blocking=False):
        raise Trouble(503, BUSY, BUSY_TEXT.filled(most=MOST_AT_ONCE))
    try:
        return _written(asked, query, form)
    finally:
        WRITING.release()


def _written(asked: Asked, query: Query, form: str) -> Response:
    desk = asked.desk
    number, name = tempfile.mkstemp(prefix="otklik-export-", suffix=f".{form}")
    path = Path(name)
    try:
        os.close(number)
        finding = Finding(desk.engine, desk.database, desk.city.key)
        with FORMATS[form](path) as writer:
            for stored in finding.posts(query, desk.context(), MOST):
                writer.write(row_of(stored, desk.city.zone))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    day = asked.now.astimezone(desk.city.zone).strftime("%Y-%m-%d")
    return FileResponse(
        path,
        media_type=_TYPES[form],
        filename=f"{desk.city.key}-{day}.{form}",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )
