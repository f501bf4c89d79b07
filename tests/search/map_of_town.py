"""Речной, an invented town, drawn as OpenStreetMap draws one and written by pyosmium."""

from collections.abc import Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

Tags = dict[str, str]
Dot = tuple[float, float]


class Drawing:
    """Draws nodes, ways and borders, lat before lon; writes them in the order that the format wants."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.ways: list[Way] = []
        self.relations: list[Relation] = []

    def node(self, dot: Dot, **tags: str) -> int:
        number = len(self.nodes) + 1
        self.nodes.append(Node(id=number, location=(dot[1], dot[0]), tags=_tags(tags)))
        return number

    def way(self, dots: Sequence[Dot], **tags: str) -> int:
        number = len(self.ways) + 1
        closed = len(dots) > 2 and dots[0] == dots[-1]
        nodes = [self.node(dot) for dot in (dots[:-1] if closed else dots)]
        self.ways.append(Way(id=number, nodes=[*nodes, *nodes[:1]] if closed else nodes, tags=_tags(tags)))
        return number

    def box(self, south: float, west: float, north: float, east: float, **tags: str) -> int:
        return self.way([(south, west), (south, east), (north, east), (north, west), (south, west)], **tags)

    def border(self, south: float, west: float, north: float, east: float, **tags: str) -> None:
        outer = self.box(south, west, north, east)
        number = len(self.relations) + 1
        tags = {"type": "boundary", "boundary": "administrative", **_tags(tags)}
        self.relations.append(Relation(id=number, members=[("w", outer, "outer")], tags=tags))

    def house(self, dot: Dot, street: str, number: str, **tags: str) -> None:
        lat, lon = dot
        near = 0.0001
        self.box(
            lat - near,
            lon - near,
            lat + near,
            lon + near,
            building="yes",
            addr__street=street,
            addr__housenumber=number,
            **tags,
        )

    def write(self, path: Path) -> Path:
        with osmium.SimpleWriter(str(path)) as writer:
            for node in self.nodes:
                writer.add_node(node)
            for way in self.ways:
                writer.add_way(way)
            for relation in self.relations:
                writer.add_relation(relation)
        return path


def _tags(tags: Tags) -> Tags:
    """`addr__street` stands for addr:street, which no argument can be called."""
    return {name.replace("__", ":"): value for name, value in tags.items()}


def drawn() -> Drawing:
    """Речной with two districts and a microdistrict, its streets, houses and landmarks, and Дальнее beside it."""
    town = Drawing()
    town.node((50.05, 60.05), place="town", name="Речной")
    town.box(50.0, 60.0, 50.1, 60.1, place="town", name="Речной")
    town.node((50.5, 60.5), place="village", name="Дальнее")
    town.border(50.0, 60.0, 50.1, 60.05, name="Заводской район", admin_level="9")
    town.border(50.0, 60.05, 50.1, 60.1, name="Озёрный район", admin_level="9")
    town.border(49.5, 59.5, 51.0, 61.0, name="Речной муниципальный округ", admin_level="6")
    town.box(50.06, 60.06, 50.08, 60.08, place="neighbourhood", name="микрорайон Парковый")
    town.node((50.02, 60.02), place="quarter", name="Слободка")
    # Two roadways of one avenue, a street that crosses it, and one that does not reach it.
    town.way([(50.05, 60.01), (50.05, 60.09)], highway="primary", name="проспект Мира")
    town.way([(50.0501, 60.01), (50.0501, 60.09)], highway="primary", name="проспект Мира", old_name="Большая улица")
    town.way([(50.01, 60.03), (50.09, 60.03)], highway="residential", name="улица Ленина", alt_name="Ленинская улица")
    town.way([(50.06, 60.07), (50.08, 60.07)], highway="residential", name="улица Садовая")
    town.way([(50.01, 60.01), (50.015, 60.01)], highway="residential", name="Садовая улица")
    town.way([(50.49, 60.5), (50.51, 60.5)], highway="residential", name="улица Мира")
    town.way([(50.05, 60.095), (50.05, 60.099)], highway="primary", name="Коммунальный мост", bridge="yes")
    town.way([(50.02, 60.02), (50.021, 60.02)], highway="footway", name="Тропа здоровья")
    town.node((50.04, 60.04), place="square", name="площадь Труда")
    town.house((50.02, 60.0305), "улица Ленина", "5")
    town.house((50.03, 60.0305), "улица Ленина", "7к2")
    town.house((50.07, 60.0705), "Садовая улица", "5")
    town.house((50.012, 60.0105), "Садовая улица", "5", addr__city="Речной")
    town.node((50.5, 60.5005), addr__street="улица Мира", addr__housenumber="3", addr__city="Дальнее")
    town.house((50.09, 60.09), "", "1")
    town.node((50.061, 60.061), amenity="school", name="МБОУ «Средняя общеобразовательная школа № 12»")
    town.box(50.0612, 60.0612, 50.0615, 60.0615, amenity="school", name="Школа № 12")
    town.node((50.02, 60.06), amenity="school", name="Гимназия", ref="4")
    town.node((50.03, 60.031), highway="bus_stop", name="Школа № 12")
    town.box(50.08, 60.02, 50.09, 60.03, leisure="park", name="Парк культуры и отдыха имени Тимирязева")
    town.node((50.03, 60.08), shop="mall", name="ТРЦ «Волна»")
    return town
