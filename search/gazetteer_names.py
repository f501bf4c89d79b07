"""What a name stands for in a gazetteer, whatever it is the name of: an administrator's alias, a name to be shown."""

from search.analysis import name_key
from search.gazetteer import Gazetteer
from search.gazetteer_records import District, Landmark, Settlement, Street
from search.street_key import split_street, street_key

Named = District | Street | Settlement | Landmark


def called(known: Gazetteer, name: str) -> tuple[Named, ...]:
    """The district of a name, else its streets, else the settlement, else the landmarks; empty for an unknown name."""
    district = known.district(name)
    if district:
        return (district,)
    kind, rest = split_street(name)
    streets = known.streets(street_key(rest, kind))
    if streets:
        return streets
    settlement = known.settlement(name)
    return (settlement,) if settlement else _landmarks(known, name)


def _landmarks(known: Gazetteer, name: str) -> tuple[Landmark, ...]:
    """By kind and name («парк Тимирязева»), by the whole name («ТРЦ Волна»), by the name alone («Волна»)."""
    kinds = list(dict.fromkeys(one.kind for one in known.every_landmark))
    low, wanted = name.casefold(), name_key(name)
    ways = [known.landmarks(kind, name[len(kind) :]) for kind in kinds if low.startswith(f"{kind} ")]
    ways.append(tuple(one for one in known.every_landmark if name_key(one.name) == wanted))
    return next(filter(None, ways), ()) or next(filter(None, (known.landmarks(kind, name) for kind in kinds)), ())
