"""Reading the name of a street in a text: which words belong to it, and how it stands on a map."""

from functools import lru_cache
from typing import NamedTuple

from pipelines.toponym_text import Words, title_case, word_set
from search.morphology import Form, adjective, forms
from search.street_key import STREET_TYPES, gender_of

TITLES = word_set(
    "маршала генерала адмирала академика космонавта летчика лётчика капитана лейтенанта сержанта солдата танкиста "
    "профессора доктора архитектора инженера композитора художника писателя поэта комиссара комбрига комдива "
    "партизана братьев сестер сестёр героев героя дважды памяти матроса командарма разведчика старшего рядового "
    "полковника майора механика радиста краснофлотца академиков защитников освободителей имени им"
)
# Common nouns that streets are called after, in the genitive; a name or a surname needs no list.
STREET_NOUNS = word_set(
    "мира победы труда революции свободы октября мая марта января декабря июля июня августа ноября строителей "
    "металлистов энтузиастов коммунаров танкистов космонавтов связистов юности дружбы народов советов коммуны "
    "конституции армии гвардии обороны восстания декабристов пионеров комсомола партизан авиаторов авиации шахтеров "
    "шахтёров нефтяников химиков железнодорожников учителей врачей геологов моряков рыбаков летчиков лётчиков "
    "студентов ветеранов просвещения науки культуры искусств правды славы счастья согласия надежды машиностроителей "
    "домостроителей энергетиков газовиков текстильщиков горняков металлургов ударников стахановцев рабочих крестьян "
    "новоселов новосёлов садоводов интернационала пограничников десантников дивизии дивизий бригады профсоюзов "
    "кооперации индустриализации пятилетки"
)
_GENERIC = word_set(
    "наш ваш свой этот тот весь весь какой любой каждый другой главный соседний ближайший следующий последний один "
    "самый городской детский краевой областной районный общий жилой частный проезжий пешеходный обочина управляющий "
    "горячий холодный обратный темный тёмный широкий узкий тихий пустой родной новостной остальной целый хороший "
    "плохой многие некоторый прошлый нынешний данный основной второстепенный "
    "дворовый столовый ванный кривой прямой мобильный сотовый личный платный дневной ночной утренний вечерний "
    "ежедневный льготный бесплатный платный железный автомобильный объездной грунтовый"
)
# These describe in small letters and name with a capital: «на новой дороге», «на Новой».
_NAMING = word_set("центральный большой малый старый новый северный южный восточный западный верхний нижний дальний")
NOT_STREET = word_set(
    "дом школа сад садик детсад больница поликлиника аптека магазин маршрут автобус трамвай троллейбус подъезд "
    "квартира этаж корпус палата участок отделение класс группа номер телефон год месяц неделя день час минута рубль "
    "процент пункт статья закон указ приказ район область край город поселок посёлок село деревня улица проспект "
    "переулок лицо сектор ребенок ребёнок волна сумма сезон поезд рейс часть глава том доза служба январь февраль "
    "март апрель май июнь июль август сентябрь октябрь ноябрь декабрь здание строение литера двор вода газ свет тариф "
    "человек житель семья пенсия остановка офис кабинет общежитие гимназия лицей роддом договор заявка заявление "
    "обращение лифт подвал парадная зона этап очередь балл балкон очередность миллион тысяча цех разряд счет счёт "
    "показание градус гкал куб метр километр россия рф бог господь мама папа муж жена сын дочь фото видео пост тсж "
    "жкх ук жэк мин чел ковид пцр время раз федерация ночь утро вечер понедельник вторник среда четверг пятница "
    "парадный суббота воскресенье президент губернатор мэр глава путин котельная бойлерная насосная"
)
_PEOPLE = word_set("детей людей жителей человек граждан соседей собак больных пациентов родителей пенсионеров")
_SIZES = {"б": "большая", "бол": "большая", "м": "малая", "мал": "малая", "ср": "средняя", "верх": "верхняя"}
_HEADS = word_set("армии коммуны обороны революции гвардии дивизии народов дивизий партизан славы связи правды")


def agreed(low: str, gender: str) -> str:
    """The nominative of an adjective beside a noun of that gender, also in the genitive («Лесного»), that is more often
    a name where it stands alone; "" for other words.
    """
    oblique = {"ого": "ом", "его": "ем"}.get(low[-3:], "")
    return adjective(low, gender) or (adjective(low[:-3] + oblique, gender) if oblique else "")


class Name(NamedTuple):
    """A name as it stands on a map, and the token after it. `shape` is adjective, genitive, known or given."""

    text: str
    end: int
    shape: str


@lru_cache(maxsize=50_000)
def shape_of(low: str, *, capital: bool = True) -> str:
    """What a word alone can be as the name of a street: "adjective" (feminine), "genitive" or "" for nothing."""
    readings = forms(low)
    if len(low) < 3 or low in STREET_TYPES or any(form.lemma in NOT_STREET for form in readings):
        return ""
    if low in STREET_NOUNS:
        return "genitive"
    if adjective(low, "f") and low[-2:] in ("ая", "яя", "ой", "ую", "юю"):
        generic = _is_generic(readings) or (not capital and any(form.lemma in _NAMING for form in readings))
        return "" if generic or readings[0].marks & {"Apro", "Anum"} else "adjective"
    if readings[0].pos not in ("NOUN", "ADJF", "ADJS"):
        return ""
    if any(form.case == "gent" and form.marks & {"Surn", "Name", "Geox", "Patr"} for form in readings):
        return "genitive"
    return ""


def _is_generic(readings: tuple[Form, ...]) -> bool:
    return any(form.lemma in _GENERIC for form in readings)


@lru_cache(maxsize=50_000)
def is_generic(low: str) -> bool:
    """Whether an adjective describes a thing and does not name it: «главной», «нашей», «городской»."""
    readings = forms(low)
    return _is_generic(readings) or bool(readings[0].marks & {"Apro", "Anum", "Supr"})


@lru_cache(maxsize=50_000)
def _is_given_name(low: str) -> bool:
    return any("Name" in form.marks and form.case in ("gent", "nomn") for form in forms(low))


@lru_cache(maxsize=50_000)
def is_of_somebody(low: str) -> bool:
    """Whether a word is a man's surname in the genitive («Ленина»), and more likely so than in another case."""
    if not low.endswith(("а", "я", "ого", "его")):
        return False
    first, *others = forms(low)[:2]
    if first.case != "gent" or first.gender != "masc":
        return False
    return any("Surn" in form.marks and form.case == "gent" for form in (first, *others))


@lru_cache(maxsize=50_000)
def is_genitive(low: str) -> bool:
    """Whether a word has a reading in the genitive."""
    return any(form.case == "gent" for form in forms(low)) or any("Fixd" in form.marks for form in forms(low))


@lru_cache(maxsize=50_000)
def can_name(low: str) -> bool:
    """Whether a capitalised word after a type word can be a name at all: a noun or adjective, no function word."""
    readings = forms(low)
    if low in STREET_TYPES or low in NOT_STREET or readings[0].marks & {"Apro"}:
        return False
    return readings[0].pos in ("NOUN", "ADJF", "ADJS", "PRTF") or not readings[0].known


def read_name(words: Words, at: int, street_type: str, *, typed: bool) -> Name | None:
    """The name of a street that begins at a token; None when no name does. `typed`: a type word stands beside it."""
    gender = gender_of(street_type)
    special = _read_numbered(words, at, gender) or _read_sized(words, at, gender or "f")
    if special:
        return special
    at = _skip_initials(words, at)
    if not words.is_word(at):
        return None
    return _read_led(words, at, street_type) or _read_words(words, at, gender, typed=typed)


def _read_sized(words: Words, at: int, gender: str) -> Name | None:
    """«Б. Морская»: the size before an adjective, shortened."""
    size = _SIZES.get(words.low(at)) if words.low(at + 1) == "." else ""
    following = adjective(words.low(at + 2), gender) if size and words.same_line(at + 2) else ""
    return Name(title_case([adjective(size, gender), following]), at + 3, "adjective") if size and following else None


def _read_led(words: Words, at: int, street_type: str) -> Name | None:
    """«Маршала Жукова», and «реки Тихой» of an embankment: a first word that says that a name follows."""
    low = words.low(at)
    if not words.is_word(at + 1) or not words.same_line(at + 1):
        return None
    if street_type == "набережная" and low in ("реки", "канала", "речки"):
        return Name(f"{low} {title_case([words.word(at + 1)])}", at + 2, "genitive")
    return _read_titled(words, at) if low in TITLES else None


def _read_words(words: Words, at: int, gender: str, *, typed: bool) -> Name | None:
    low, capital = words.low(at), words.is_capital(at)
    shape = shape_of(low, capital=capital)
    if not shape and capital != typed and _is_known(words, at):
        shape = "known"
    if not shape and not (typed and capital and can_name(low)):
        return _read_masculine(words, at, gender) if typed else None
    if typed and not capital and shape == "genitive" and low not in STREET_NOUNS and not _is_proper(low):
        return None
    end = _end_of_name(words, at)
    parts = [words.word(index) for index in range(at, end)]
    return Name(_as_on_map(parts, gender or "f"), end, shape or "given")


@lru_cache(maxsize=50_000)
def _is_proper(low: str) -> bool:
    return bool(forms(low)[0].marks & {"Surn", "Name", "Geox"})


def _is_known(words: Words, at: int) -> bool:
    """Whether a capitalised word is a street of the gazetteer, or could only be one before a number: many persons in
    the genitive («Художников 18») or an unknown name («Сикейроса, 7»).
    """
    low = words.low(at)
    if low in NOT_STREET or any(form.lemma in NOT_STREET for form in forms(low)) or not can_name(low):
        return False
    if is_genitive(low) and words.vocabulary.knows_street(low):
        return True
    first = forms(low)[0]
    if not words.is_capital(at):
        return False
    number = words.is_number(words.skip(at + 1, ",", "д", "дом", "."))
    if (
        number
        and first.case == "gent"
        and words.low(at - 2 if words.low(at - 1) == ":" else at - 1) in ("адресу", "адрес")
    ):
        return True  # «по адресу Верности 15»
    if number and words.low(at + 1) in ("д", "дом") and low.endswith(("ская", "цкая")):
        return True  # «Верейская д. 40»: to the dictionary a woman's surname
    people = first.case == "gent" and first.number == "plur" and "anim" in first.marks and low not in _PEOPLE
    return number and first.pos == "NOUN" and (people or (not first.known and first.case == "gent"))


def _read_masculine(words: Words, at: int, gender: str) -> Name | None:
    """«комсомольскому» beside a masculine or neuter type word, in small letters."""
    low = words.low(at)
    nominative = adjective(low, gender) if gender in ("m", "n") else ""
    if not nominative or is_generic(low):
        return None
    return Name(title_case([nominative]), at + 1, "adjective")


def _read_numbered(words: Words, at: int, gender: str) -> Name | None:
    """«25 Октября», «50 лет ВЛКСМ», «1-я Советская», «5 я Новая»."""
    if not words.is_number(at) or not words.same_line(at + 1):
        return None
    number, after = words.word(at), at + 1
    low = words.low(after)
    if low in ("лет", "летия") and words.is_word(after + 1):
        end = _end_of_name(words, after + 1)
        return Name(title_case([number, "лет", *(words.word(i) for i in range(after + 1, end))]), end, "genitive")
    if low in (
        "октября",
        "марта",
        "мая",
        "января",
        "июля",
        "декабря",
        "августа",
        "сентября",
        "июня",
        "февраля",
        "апреля",
    ):
        return Name(f"{number} {title_case([words.word(after)])}", after + 1, "date")
    if low == "-":
        after += 1
        low = words.low(after)
    if low in ("я", "й", "ая", "ый", "ой") and words.is_word(after + 1) and words.same_line(after + 1):
        inner = words.low(after + 1)
        if STREET_TYPES.get(inner) == "линия":
            return Name(f"{number}-{low}", after + 1, "adjective")
        nominative = adjective(inner, gender or "f")
        if nominative and not is_generic(inner) and not any(form.lemma in NOT_STREET for form in forms(inner)):
            return Name(f"{number}-{low} {title_case([nominative])}", after + 2, "adjective")
    return None


def _skip_initials(words: Words, at: int) -> int:
    while words.is_capital(at) and len(words.low(at)) == 1 and words.low(at + 1) == "." and words.same_line(at + 2):
        at += 2
    return at


def _read_titled(words: Words, at: int) -> Name | None:
    end = at + 1
    while words.low(end) in TITLES:
        end += 1
    end = _end_of_name(words, end) if words.is_word(end) else end
    return Name(title_case([words.word(index) for index in range(at, end)]), end, "genitive")


def _end_of_name(words: Words, at: int) -> int:
    """The token after a name whose first word is at `at`: given name + surname, adjective + noun, two adjectives."""
    low, following = words.low(at), words.low(at + 1)
    if not words.is_word(at + 1) or not words.same_line(at + 1) or not can_name(following):
        return at + 1
    capital = words.is_capital(at + 1)
    person = _is_given_name(low) and not _only_surname(low) and is_genitive(following)
    joined = person and (capital or words.is_number(at + 2) or any("Surn" in form.marks for form in forms(following)))
    joined = joined or (low in STREET_NOUNS and (following in STREET_NOUNS or following in _HEADS))
    return at + 2 if joined or _describes(low, following, capital=capital) else at + 1


def _describes(low: str, following: str, *, capital: bool) -> bool:
    """«Большая Пороховская», «Советской Армии»: an adjective and what belongs to it."""
    if forms(low)[0].pos != "ADJF" and not adjective(low):
        return False
    if capital and adjective(low, "f") and adjective(following, "f") and not is_generic(following):
        return True
    noun = following in _HEADS or (capital and forms(following)[0].case == "gent")
    return noun and is_genitive(following) and not _is_proper(following)


@lru_cache(maxsize=50_000)
def _only_surname(low: str) -> bool:
    return "Surn" in forms(low)[0].marks and "Name" not in forms(low)[0].marks and low.endswith(("ова", "ева", "ина"))


def _as_on_map(parts: list[str], gender: str) -> str:
    """Adjectives that agree with the type come to the nominative; what stands in the genitive stays."""
    if len(parts) == 2 and not adjective(parts[1], gender):
        return title_case(parts)
    return title_case([adjective(part, gender) or part for part in parts])
