"""Found posts carried out of the console as a file: written aside first, so that what comes is whole or an error."""

import os
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from crawler.console.asked import Asked
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


def carried(asked: Asked, query: Query, form: str) -> Response:
    """The file of a kind of search/export.py with the newest posts that a query finds."""
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
