"""Texts of an invented town with their topics, made of parts: enough to learn a little from."""

from collections.abc import Iterator
from itertools import islice, product

PARTS = {
    "Вода": (["Нет воды", "Из крана течёт ржавая вода", "Отключили горячую воду"], ["третий день", "с утра", "опять"]),
    "Дороги": (["Огромная яма", "Разбитый асфальт", "Провал на дороге"], ["у школы", "во дворе", "на перекрёстке"]),
    "Мусор": (["Не вывозят мусор", "Контейнеры переполнены", "Свалка"], ["за гаражами", "возле дома", "неделю"]),
    "Свет": (["Не горят фонари", "Темно на улице", "Мигает лампа"], ["вечером", "у подъезда", "который месяц"]),
}
ENDS = ["", ", помогите", "! Сколько можно?", ", звонили в управляющую", ", никто не реагирует"]


def lessons(count: int) -> Iterator[tuple[str, str]]:
    """So many pairs of text and topic, topics taking turns."""
    made = [
        [(f"{what} {where}{end}", topic) for what, where, end in product(*parts, ENDS)]
        for topic, parts in PARTS.items()
    ]
    return islice((pair for four in zip(*made, strict=True) for pair in four), count)
