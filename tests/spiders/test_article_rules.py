"""What is taken for the surroundings of an article, and what is not, rule by rule."""

from zoneinfo import ZoneInfo

import pytest

from spiders.article import Article, read_article
from spiders.article_text import is_around
from tests.quality.articles import published

ZONE = ZoneInfo("Asia/Sakhalin")
FIRST = "Теплотрассу на улице Мельничной вскрыли во второй раз за месяц: первый ремонт не выдержал и двух недель."
SECOND = "Подрядчик переделает участок за свой счёт, обещают в управлении городского хозяйства Тихоозёрска."
THIRD = "Детский сад № 4 на это время подключили к передвижной котельной, в группах двадцать два градуса."


def read(body: str, head: str = "<title>Теплотрассу вскрыли снова</title>") -> Article:
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return read_article(page.encode(), "https://a.example/n/1", ZONE)


def article(*between: str) -> str:
    """An article with something between its paragraphs."""
    return f"<h1>Теплотрассу вскрыли снова</h1><p>{FIRST}</p>{''.join(between)}<p>{SECOND}</p><p>{THIRD}</p>"


WHOLE = f"{FIRST}\n{SECOND}\n{THIRD}"


@pytest.mark.parametrize(
    "between",
    [
        "<p>Читайте также: <a href='/n/2'>Котельную закроют на три дня</a></p>",
        "<div><a href='https://a.example/n/2'>Котельную закроют на три дня</a> <span>12 мая, 10:40</span></div>",
        "<div><b>Материалы по теме</b><div>Котельную закроют, а жители об этом не знают</div></div>",
        "<div><div>РЕКЛАМА</div><div>Окна и двери по цене прошлого года</div></div>",
        "<div class='sc-ad-unit'>Окна и двери по цене прошлого года</div>",
        "<div class='ArticlePromo_root__x1'>Читайте нас, где удобно, каждый день и без рекламы</div>",
        "<p>Подписывайтесь на наш Telegram-канал!</p>",
        "<p>Нашли опечатку? Выделите её и нажмите Ctrl+Enter.</p>",
        "<p>Фото: пресс-служба администрации</p>",
        "<aside><h4>Справка</h4><p>Как менялись тарифы на тепло за последние десять лет</p></aside>",
        "<form><p>Оставьте почту, и мы пришлём самое важное за день</p><input></form>",
    ],
)
def test_what_stands_between_the_paragraphs_is_left_out(between: str) -> None:
    assert read(article(between)).text == WHOLE


@pytest.mark.parametrize(
    "between",
    [
        "Ранее сообщалось, что котельную закроют на три дня.",
        "<a href='https://law.example/doc'>Постановление о подключении тепла опубликовано</a>",
        "<a href='/files/plan.pdf'>План земляных работ на май и июнь с адресами и временем</a>",
        "Подписка на районную газету подорожает с июля.",
        "Реклама у школы висела без разрешения, её сняли вместе со щитом.",
        "Комментарии по этому поводу дал главный инженер.",
        "Фотографии траншеи прислали жильцы дома 5.",
        "Продолжение ремонта намечено на июнь, пропуск по удостоверению.",
    ],
)
def test_what_belongs_to_the_text_stays(between: str) -> None:
    assert read(article(f"<p>{between}</p>")).text.count("\n") == 3


def test_comments_longer_than_the_article_are_not_it() -> None:
    comments = "".join(f"<div><b>Гость {n}</b><p>{THIRD} Так говорят уже в {n} раз.</p></div>" for n in range(1, 30))
    assert read(f"{article()}<div><h2>Обсуждение (29)</h2>{comments}</div>").text == WHOLE


def test_a_name_never_takes_the_article_itself_away() -> None:
    assert (
        read(f"<div class='page with-sidebar comments-open'><div id='ad-content'>{article()}</div></div>").text == WHOLE
    )


def test_a_body_apart_from_its_first_paragraph_outlives_a_label_in_it() -> None:
    lead = f"<header><h1>Теплотрассу вскрыли снова</h1><p>{FIRST}</p></header>"
    body = f"<div><p>{SECOND}</p><p>Читайте также</p><p>{THIRD}</p></div>"
    assert read(lead + body).text == WHOLE


def test_the_columns_of_a_layout_are_left_out_and_a_table_of_the_article_stays() -> None:
    table = "<table><tr><td>1 июня</td><td>ул. Ясная</td></tr><tr><td>2 июня</td><td>ул. Полевая</td></tr></table>"
    column = f"<td>Продам гараж за линией, недорого, торг при осмотре.<br>{THIRD.replace('сад', 'дом')}</td>"
    page = f"<table><tr>{column}<td>{article(table)}</td>{column}</tr></table>"
    text = read(page).text
    assert "ул. Ясная" in text
    assert "2 июня" in text
    assert "гараж" not in text


def test_a_headline_without_a_mark_is_known_by_the_title_of_the_page() -> None:
    page = read(
        f"<div>Вестник</div><div><b>Теплотрассу вскрыли снова</b></div><div>12 мая 2026 г., 8:30</div>"
        f"<p>{FIRST}</p><p>{SECOND}</p>",
        "<title>Вестник :: Теплотрассу вскрыли снова</title>",
    )
    assert page.title == "Теплотрассу вскрыли снова"
    assert page.text == f"{FIRST}\n{SECOND}"
    assert published(page) == "2026-05-12T08:30"


def test_a_comment_in_the_markup_cuts_no_text() -> None:
    assert read(article().replace("второй раз", "второй <!-- -->раз")).text == WHOLE


@pytest.mark.parametrize(
    "imprint",
    [
        "Сетевое издание «Вестник». Редакция: г. Тихоозёрск, ул. Мельничная, 22. Тел.: 2-44-18.",
        "Газета «Район», 694990, с. Луговое, ул. Школьная, 2. Подписной индекс 54321.",
    ],
)
def test_an_imprint_at_the_end_is_left_out(imprint: str) -> None:
    assert read(f"{article()}<p>{imprint}</p><p>16+</p>").text == WHOLE


def test_an_address_with_a_telephone_at_the_end_of_an_article_stays() -> None:
    last = "Справки по телефону 2-05-05, ул. Кузнечная, 4."
    assert read(f"{article()}<p>{last}</p>").text == f"{WHOLE}\n{last}"


@pytest.mark.parametrize(
    "line", ["Просмотров: 318", "Версия для печати | Обсудить (17)", "Метки: вода, трубы", "© АОН"]
)
def test_lines_of_service(line: str) -> None:
    assert is_around(line)
    assert not is_around(f"Жители спросили: «{line}»")


@pytest.mark.parametrize(
    "gate",
    [
        "Продолжение доступно подписчикам",
        "Чтобы читать дальше, войдите или зарегистрируйтесь",
        "Этот материал доступен только по подписке.",
        "Оформите подписку, чтобы дочитать статью",
    ],
)
def test_what_bars_the_rest_makes_a_stub_of_it(gate: str) -> None:
    page = read(f"<h1>Теплотрассу вскрыли снова</h1><p>{FIRST}</p><div><b>{gate}</b><p>От 99 рублей в месяц.</p></div>")
    assert (page.text, page.stub) == (FIRST, "paywall")


@pytest.mark.parametrize("free", ["false", '"False"'])
def test_a_page_may_tell_machines_that_it_is_a_stub(free: str) -> None:
    told = f'<script type="application/ld+json">{{"@graph": [{{"isAccessibleForFree": {free}}}]}}</script>'
    assert read(article(), told).stub == "paywall"
    assert read(article(), told.replace(free, "true")).stub == ""


def test_an_article_that_is_all_there_behind_its_gate_is_no_stub() -> None:
    long = "".join(f"<p>{n}. {THIRD}</p>" for n in range(20))
    assert read(article(long, "<div>Полный текст доступен подписчикам</div>")).stub == ""


def test_an_article_about_cookies_is_no_wall() -> None:
    about = f"<p>Сайты области обязали спрашивать согласие на cookie и обработку персональных данных. {SECOND}</p>"
    page = read(f"{article(about)}<div class='cookie-bar'><p>Мы используем cookie.</p><button>Принять</button></div>")
    assert page.stub == ""
    assert "обязали спрашивать" in page.text
    assert "Мы используем" not in page.text
