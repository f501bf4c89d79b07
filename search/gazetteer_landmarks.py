"""Landmarks by number or name: the keys under which a map and a text mean the same object."""

from functools import lru_cache

from search.analysis import name_key


def _words(text: str) -> frozenset[str]:
    return frozenset(name_key(word) for word in text.split())


# Kind → what it is counted among (гимназия 4 and школа 4 are one series) and the words that say the kind, not the name.
_SCHOOL = "школа сош оош средняя основная начальная общеобразовательная общеобразовательное гимназия лицей"
_HOSPITAL = "больница гкб клиническая медсанчасть мсч городская краевая областная республиканская районная детская"
_CLINIC = "поликлиника амбулатория городская детская взрослая филиал"
_CENTRE = "торговый центр тц трц трк тк торговый комплекс торгово-развлекательный комплекс"
_KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "школа": ("школа", _words(_SCHOOL)),
    "гимназия": ("школа", _words(_SCHOOL)),
    "лицей": ("школа", _words(_SCHOOL)),
    "детский сад": ("детский сад", _words("детский сад садик детсад доу црр центр развития ребёнка")),
    "больница": ("больница", _words(_HOSPITAL)),
    "медсанчасть": ("больница", _words(_HOSPITAL)),
    "роддом": ("роддом", _words("роддом родильный дом перинатальный центр")),
    "поликлиника": ("поликлиника", _words(_CLINIC)),
    "амбулатория": ("поликлиника", _words(_CLINIC)),
    "библиотека": ("библиотека", _words("библиотека филиал центральная детская городская")),
    "парк": ("парк", _words("парк сквер культуры отдыха сад городской")),
    "сквер": ("парк", _words("парк сквер культуры отдыха сад городской")),
    "мост": ("мост", _words("мост путепровод виадук автомобильный")),
    "пруд": ("водоём", _words("пруд озеро водохранилище")),
    "озеро": ("водоём", _words("пруд озеро водохранилище")),
    "рынок": ("рынок", _words("рынок")),
    "вокзал": ("вокзал", _words("вокзал железнодорожный станция")),
    "автовокзал": ("автовокзал", _words("автовокзал автостанция автобусный вокзал")),
    "клиника": ("поликлиника", _words(_CLINIC)),
    "диспансер": ("больница", _words("диспансер")),
    "госпиталь": ("больница", _words("госпиталь")),
    "колледж": ("колледж", _words("колледж техникум училище")),
    "театр": ("театр", _words("театр")),
    "музей": ("музей", _words("музей")),
    "церковь": ("церковь", _words("церковь храм собор часовня")),
    "мечеть": ("церковь", _words("мечеть")),
    "электростанция": ("электростанция", _words("тэц грэс гэс электростанция")),
    "кладбище": ("кладбище", _words("кладбище")),
    "стадион": ("стадион", _words("стадион")),
    "кинотеатр": ("кинотеатр", _words("кинотеатр")),
    "завод": ("завод", _words("завод")),
    "торговый центр": ("торговый центр", _words(_CENTRE)),
    "дом культуры": ("дом культуры", _words("дом дворец культуры дк")),
}
_LEGAL = _words(
    "имени им мбоу маоу мкоу гбоу моу мадоу мбдоу мдоу мкдоу гбуз гуз огбуз гбу муз муниципальное государственное "
    "бюджетное казённое автономное учреждение номер и"
)
# What maps draw as one kind and people tell apart by its name: «Лицей № 4» is drawn as a school.
_TOLD = {
    "школа": ("гимназия", "лицей"),
    "больница": ("поликлиника", "медсанчасть", "роддом", "амбулатория"),
    "поликлиника": ("амбулатория", "больница"),
    "парк": ("сквер",),
    "сквер": ("парк",),
    "озеро": ("пруд",),
    "пруд": ("озеро",),
}


_ONE_A_TOWN = frozenset(["вокзал", "автовокзал"])


@lru_cache(1 << 14)
def landmark_keys(kind: str, name: str) -> tuple[str, ...]:
    """The keys of an object of a kind, the number first: «Гимназия № 4 имени Братьев» has «школа:4» and «школа:брат»;
    a stop keeps every word of its name. Where the name says nothing but the kind, only a station has a key.
    """
    series, said = _KINDS.get(kind, (kind, frozenset[str]()))
    words = [word for word in name_key(name).split() if word not in _LEGAL and word not in said]
    numbers = [word for word in words if word.isdigit()]
    if kind == "остановка" or len(numbers) != 1:
        return (f"{series}:{' '.join(sorted(words))}",) if words or kind in _ONE_A_TOWN else ()
    rest = sorted(word for word in words if not word.isdigit())
    return (f"{series}:{numbers[0]}", *((f"{series}:{' '.join(rest)}",) if rest else ()))


def told_kind(kind: str, name: str) -> str:
    """The kind that the name itself says, where it says one; else the kind."""
    words = frozenset(name_key(name).split())
    return next((one for one in _TOLD.get(kind, ()) if name_key(one) in words), kind)
