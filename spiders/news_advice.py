"""What can go wrong with a news site, by the word under which it is counted, and what to do about it."""

from crawler.model.text import Text

ADVICE = {
    "not a feed": Text(
        ru="По этому адресу не лента RSS или Atom. Найдите на сайте адрес ленты (обычно /rss или /feed).",
        en="There is no RSS or Atom feed at this address. Look for it on the site (often /rss or /feed).",
    ),
    "no posts": Text(
        ru="Лента пуста: проверьте адрес, на сайте могла появиться другая.",
        en="The feed is empty: check the address, the site may have another one by now.",
    ),
    "broken feed": Text(
        ru="Разметка ленты испорчена, прочитано сколько удалось; сообщите владельцу сайта.",
        en="The feed's markup is broken, what could be read was read; tell the site's owner.",
    ),
    "no text": Text(
        ru="На странице не нашлось текста статьи, взят текст из ленты.",
        en="The page shows no article; the feed's text stands in.",
    ),
    "moved": Text(
        ru="Ссылка ведёт на другую страницу, взят текст из ленты; прочитанная статья остаётся как была.",
        en="The link leads to another page; the feed's text stands in, an article that was read stays as it was.",
    ),
    "front page": Text(
        ru="Вместо статьи сайт показал главную страницу, взят текст из ленты.",
        en="The site showed its front page instead of the article; the feed's text stands in.",
    ),
    "cursor": Text(
        ru="Отметка о прочитанном испорчена, лента читается заново.",
        en="The mark of what was read is broken; the feed is read anew.",
    ),
}
