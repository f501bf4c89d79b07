"""What can go wrong with a page that lists news, by the word under which it is counted, and what to do about it."""

from crawler.model.text import Text
from spiders.news_advice import ADVICE as NEWS_ADVICE

ADVICE = {
    **NEWS_ADVICE,
    "empty": Text(
        ru="В списке ничего нет. Откройте страницу в браузере: если записи там есть, проверьте селекторы (item), сайт "
        "мог сменить разметку.",
        en="The list is empty. Open the page in a browser: if it shows items, check the selectors (item), the site may "
        "have changed its markup.",
    ),
    "scripts": Text(
        ru="В списке ничего нет, а на странице есть скрипты: возможно, записи приносят они. Попробуйте "
        'options = { javascript = "yes" }.',
        en="The list is empty and the page has scripts: perhaps they bring the items. Try "
        'options = { javascript = "yes" }.',
    ),
    "bot check": Text(
        ru="Вместо списка сайт показал проверку на робота. Обходить её Отклик не будет: попросите у владельца ленту "
        "или доступ.",
        en="The site shows a bot check instead of the list. Otklik does not get around it: ask the owner for a feed "
        "or for access.",
    ),
    "markup": Text(
        ru="Селектор не нашёл ничего ни в одной записи: сайт мог сменить разметку.",
        en="The selector found nothing in any item: the site may have changed its markup.",
    ),
    "not a page": Text(
        ru="По этому адресу не страница HTML. Для ленты RSS или Atom есть платформа news.",
        en="There is no HTML page at this address. For an RSS or Atom feed there is the platform news.",
    ),
    "slow list": Text(
        ru="Разбор списка занял больше времени, чем любая настоящая страница, и прерван.",
        en="Reading the list took longer than any real page does and was ended.",
    ),
    "long list": Text(
        ru="Список длиннее, чем читается за один обход: поднимите pages в options или обходите чаще.",
        en="The list is longer than one crawl reads: raise pages in options, or crawl more often.",
    ),
}
