"""What stands around an article in its page: small named rules, in order, each of which names elements to take out.

A rule may be wrong about a site, so none takes out what holds the headline, the paragraph after it, or half of what the
page says outside of links (`ArticlePage.holds`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]

from spiders.article_text import line_of
from spiders.printed_dates import MONTHS

_LANDMARKS = (
    "//nav | //aside | //footer | //dialog | //button | //form | //amp-sidebar | //amp-ad | //amp-user-notification |"
    " //*[@role='navigation' or @role='complementary' or @role='contentinfo' or @role='dialog']"
)
# What a class or an id says in one of its words. Not `widget`, `teaser` and `promo-text`-like ones that builders of
# pages and CMSs give to the article's own parts.
_NAMES = re.compile(
    r"ads?|adv|advert(isement)?|also|banner|breadcrumbs?|comments?|commentlist|consent|cookies?|copyright|disqus|footer|"
    r"gdpr|menu|modal|nav|navbar|navigation|newsletter|partners|popular|popup|promo|rating|recommended|related|"
    r"relatedposts|share|sharing|sidebar|social|subscribe|subscription|tags",
    re.IGNORECASE,
)
# Words within a name only from five letters on: names made by machines (`sc-hAdzBq`) have the short ones by chance.
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?![A-Za-z])|[A-Z]?[a-z]{4,}")
_INLINE = frozenset({"a", "b", "i", "em", "strong"})
_THINGS = r"(новости|записи|материалы|статьи|публикации|сюжеты|фоторепортажи|репортажи|видео|события|темы)"
_LABEL = re.compile(
    r"(читайте|смотрите|почитать|читать|вам будет интересно|советуем)( также| ещё| еще| по теме| далее| на сайте)?|"
    r"(ещё |еще |материалы |новости |статьи )?(по|на) (этой )?теме?у?|похож(ее|ие)( \w+)?|самое \w+|популярное|"
    rf"(другие|последние|свежие|главные|ещё|еще|больше|похожие|смежные) {_THINGS}.{{0,30}}|"
    r"новости (партн[её]ров|раздела|рубрики|компаний|предприятия|дня)|лента( новостей)?|главное( за \w+)?|топ( \w+)?|"
    r"следующ(ая|ий) (новость|статья|материал)|объявления|анонсы|опрос|рубрики|теги|метки|поделиться.{0,20}|"
    r"сми2|24сми|рассылка|подписка|комментари(и|ев|й)|обсуждение|отзывы|\d+ комментари\w+.{0,60}|"
    r"(?P<advert>реклама|на правах рекламы|партн[её]рский материал)",
    re.IGNORECASE,
)
_LONGEST_LABEL = 80
_OUTSIDE_LINKS = etree.XPath(".//text()[not(ancestor::a)]")
_LINKED = frozenset({"p", "li", "div", "td", "h2", "h3", "h4", "h5", "h6", "span", "section", "article"})
_FILE = re.compile(r"\.(pdf|docx?|xlsx?|odt|rtf|zip|rar)$", re.IGNORECASE)
_SAYS_NOTHING = re.compile(rf"\d+|читайте|также|ещ[её]|по|теме|ранее|({'|'.join(MONTHS)})[а-я]*", re.IGNORECASE)
_TABLE = frozenset({"table", "tbody", "tr", "td", "th"})
_ASIDE = frozenset({"nav", "aside", "footer", "dialog", "form", "button"})
_GALLERY = 3
_FEWEST_WORDS = 3
_LONGEST_LINK = 200
_BLOCKS = frozenset({"p", "div", "td", "font", "span", "li", "blockquote", "section", "article"})
_SHORTEST_LEAD = 60
_TITLE_PARTS = re.compile(r"\s+(?:[|–—·:/-]|::|»|«)\s+")
_SHORTEST_PART = 10
_ALIKE = 0.6


@dataclass
class ArticlePage:
    """A parsed page whose surroundings are to be taken out. `headline` is its element, None where none is found; `kept`
    are the elements that hold the headline and the paragraph after it.
    """

    tree: Any
    url: str
    headline: Any = None
    kept: set[Any] = field(default_factory=set)
    _prose: int = 0

    def keep(self, node: Any) -> None:
        """Nothing that holds this element is taken out any more."""
        self.kept |= {node, *node.iterancestors()}

    def holds(self, node: Any, *, surely: bool = False) -> bool:
        """Whether an element holds the article, or may, because it is most of the page; `surely` tells that it is known
        to be something else, which can be longer than the article.
        """
        if node in self.kept or node.tag in {"html", "body"}:
            return True
        self._prose = self._prose or prose(self.tree)
        return not surely and 2 * prose(node) > self._prose

    def section_of(self, label: Any, *, surely: bool) -> Any:
        """The largest element that begins with this one and does not hold the article; None if it does itself."""
        said = line_of(label)
        section = None
        for node in (label, *label.iterancestors()):
            if not _begins_with(node, said) or self.holds(node, surely=surely):
                break
            section = node
        return section


def prose(node: Any) -> int:
    """How many letters an element says outside of links."""
    return sum(len(" ".join(text.split())) for text in _OUTSIDE_LINKS(node))


def _begins_with(node: Any, said: str) -> bool:
    """Whether the text of an element begins with these words."""
    begun = ""
    for text in node.itertext():
        begun = " ".join(f"{begun} {text}".split())
        if len(begun) >= len(said):
            break
    return begun.replace(" ", "").startswith(said.replace(" ", ""))


def take_out(page: ArticlePage) -> None:
    """Take out of a page, in place, what stands around its article; odd markup that holds the article is put right."""
    etree.strip_elements(page.tree, "script", "style", "noscript", "template", with_tail=False)
    if page.headline is not None:
        page.keep(page.headline)
        if (lead := _lead(page)) is not None:
            page.keep(lead)
    for rule in RULES:
        for node in list(rule(page)):
            if node.getparent() is not None:
                node.drop_tree()
    _put_right(page)


def _put_right(page: ArticlePage) -> None:
    """Tables that lay out the page become divisions, captions of galleries paragraphs: trafilatura reads them so."""
    for node in page.kept:
        if node.tag in _TABLE:
            node.tag = "div"
    for group in {caption.getparent().getparent() for caption in page.tree.xpath("//figure/figcaption")}:
        captions = group.xpath("./figure/figcaption")
        if len(captions) >= _GALLERY:
            for caption in captions:
                caption.getparent().tag, caption.tag = "div", "p"


def headline_of(tree: Any, titles: list[str]) -> Any:
    """The element of the headline: of several h1 the one most like a title, else what prints a part of a title."""
    headlines = [node for node in tree.iter("h1") if line_of(node)]
    if headlines:
        best = max(headlines, key=lambda node: _likeness(line_of(node), titles))
        # One that no title resembles is the site's name, or of another article on the page.
        return best if not titles or _likeness(line_of(best), titles) >= _ALIKE else None
    named = {part for title in titles for part in (title, *_TITLE_PARTS.split(title)) if len(part) >= _SHORTEST_PART}
    found = [
        node
        for node in tree.iter("h2", "h3", "b", "strong", "font", "div", "span", "td", "p")
        if (node.text or len(node)) and line_of(node) in named and not _is_link(node)
    ]
    return max(found, key=lambda node: len(line_of(node)), default=None)


def _likeness(line: str, titles: list[str]) -> float:
    """The share of a line's words that a title has."""
    words = set(re.findall(r"\w+", line.casefold()))
    return max((len(words & set(re.findall(r"\w+", title.casefold()))) for title in titles), default=0) / (
        len(words) or 1
    )


def _is_link(node: Any) -> bool:
    return any(True for _ in node.iter("a")) or any(True for _ in node.iterancestors("a"))


def _lead(page: ArticlePage) -> Any:
    """The first paragraph after the headline that is not by its own name something else."""
    for node in page.headline.iter():
        last = node
    for node in last.xpath("following::*"):
        if node.tag in _BLOCKS and len(_own_text(node)) >= _SHORTEST_LEAD:
            inside = [node, *(around for around in node.iterancestors() if around not in page.kept)]
            if not any(_named(one) or one.tag in _ASIDE for one in inside):
                return node
    return None


def _own_text(node: Any) -> str:
    pieces = [node.text or "", *(child.tail or "" for child in node)]
    pieces += [child.text or "" for child in node if child.tag in {"b", "strong", "em", "i"}]
    return " ".join("".join(pieces).split())


def landmarks(page: ArticlePage) -> Iterator[Any]:
    """Navigation, asides, footers, dialogs, forms and buttons, by their tag or role."""
    for node in page.tree.xpath(_LANDMARKS):
        if not page.holds(node) and not any(True for _ in node.iterancestors("blockquote")):
            yield node


def named(page: ArticlePage) -> Iterator[Any]:
    """What a class or an id calls comments, related, share, subscribe, banner, sidebar, tags and the like."""
    for node in page.tree.xpath("//*[@class or @id]"):
        word = _named(node)
        if word and node.tag not in _INLINE and not page.holds(node, surely=word.startswith(("comment", "disqus"))):
            yield node


def _named(node: Any) -> str:
    """The word of a class or an id that calls an element something beside the article, "" if there is none."""
    words = _WORD.findall(f"{node.get('class', '')} {node.get('id', '')}")
    return next((word.lower() for word in words if _NAMES.fullmatch(word)), "")


def before(page: ArticlePage) -> Iterator[Any]:
    """What comes before the headline, unless more paragraphs stand there than behind it."""
    if page.headline is None:
        return
    around = [page.headline, *page.headline.iterancestors()]
    earlier = [node for inner in around for node in inner.itersiblings(preceding=True) if node.tag != "head"]
    if 2 * sum(map(_paragraphs, earlier)) <= _paragraphs(page.tree):
        yield from earlier


def _paragraphs(node: Any) -> int:
    return sum(len(one.text or "") >= _SHORTEST_LEAD for one in node.iter(*_BLOCKS))


def columns(page: ArticlePage) -> Iterator[Any]:
    """In a table that lays out the page: the cells beside the one with the headline."""
    if page.headline is None:
        return
    for cell in [page.headline, *page.headline.iterancestors()]:
        if cell.tag in {"td", "th"}:
            yield from (other for other in cell.getparent() if other is not cell and not page.holds(other))


def other_articles(page: ArticlePage) -> Iterator[Any]:
    """Articles that stand beside the one with the headline: the next of an endless page, teasers."""
    own = [node for node in page.headline.iterancestors() if node.tag == "article"] if page.headline is not None else []
    if own:
        for node in page.tree.iter("article"):
            if own[-1] not in {node, *node.iterancestors()} and node not in own:
                yield node


def labelled(page: ArticlePage) -> Iterator[Any]:
    """What stands under «Читайте также», «Другие новости», «Комментарии», «Реклама» and the like, with the label."""
    for node in page.tree.iter("h2", "h3", "h4", "h5", "h6", "p", "div", "span", "b", "strong", "td", "font"):
        if not (node.text or len(node)) or len(node.text or "") > _LONGEST_LABEL:
            continue
        label = line_of(node).rstrip(" :…()0123456789")
        found = _LABEL.fullmatch(label) if label and len(label) <= _LONGEST_LABEL else None
        if found and (section := page.section_of(node, surely=not found["advert"])) is not None:
            yield section


def links_alone(page: ArticlePage) -> Iterator[Any]:
    """Blocks that are links to other pages of the site and say nothing else: headlines within and beside the text.

    Files stay, and links to elsewhere: those are what an article is about.
    """
    asked: set[Any] = set()
    for link in page.tree.iter("a"):
        line = line_of(link)
        if len(line.split()) < _FEWEST_WORDS or len(line) > _LONGEST_LINK or not _is_internal(link, page.url):
            continue
        block = next((node for node in islice(link.iterancestors(), 5) if node.tag in _LINKED), None)
        while block is not None and block not in asked:
            asked.add(block)
            if not _says_only_links(block) or page.holds(block):
                break
            yield block
            block = block.getparent()


def _says_only_links(node: Any) -> bool:
    outside = (word for text in _OUTSIDE_LINKS(node) for word in re.findall(r"\w+", text))
    return all(_SAYS_NOTHING.fullmatch(word) for word in outside)


def _is_internal(link: Any, url: str) -> bool:
    try:
        to = urlsplit(link.get("href") or "")
    except ValueError:
        return False
    return to.scheme in {"", "http", "https"} and to.netloc in {"", urlsplit(url).netloc} and not _FILE.search(to.path)


Rule = Callable[[ArticlePage], Iterator[Any]]
RULES: tuple[Rule, ...] = (before, landmarks, labelled, named, columns, other_articles, links_alone)
