"""Whether there is room for another image: of what the city may keep, and on the disk."""

import shutil

from crawler.model.city import City
from crawler.model.text import Text
from search.images import rows
from search.images.album import Album
from search.state.database import Database

LEAST_FREE = 500_000_000
"""Bytes that are left to the state: it must go on when images cannot."""


def room_left(database: Database, album: Album, city: City) -> Text | None:
    """None where there is room, else why there is none. Nothing is deleted for it: new images wait until there is."""
    with database.read() as connection:
        taken = rows.stored_bytes(connection, city.key)
    if taken >= city.images.most_total:
        return Text(
            "изображения занимают {taken} МБ, это предел total_gb: новые ждут. Увеличьте его в [media] или сотрите "
            "старое (сроки хранения, otklik erase)",
            "images take {taken} MB, the limit total_gb: new ones wait. Raise it in [media] or erase what is old "
            "(retention, otklik erase)",
        ).filled(taken=taken // 1_000_000)
    free = shutil.disk_usage(album.home).free
    if free < LEAST_FREE:
        return Text(
            "на диске свободно {free} МБ: новые изображения ждут, место остаётся базе",
            "{free} MB are free on the disk: new images wait, what is left is for the state",
        ).filled(free=free // 1_000_000)
    return None
