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
    "paywall": Text(
        ru="Сайт показывает начало статьи, остальное за подпиской или входом: сохранено начало или текст ленты, что "
        "длиннее, с пометкой stub. Попросите у редакции доступ или ленту с полным текстом.",
        en="The site shows the beginning, the rest is for subscribers or after a login: that or the feed's text is "
        "kept, whichever is longer, marked as a stub. Ask the editors for access or a feed with whole texts.",
    ),
    "cookie wall": Text(
        ru="Вместо статьи сайт требует согласия на cookie, взят текст из ленты. Обходить это Отклик не будет: "
        "попросите у редакции ленту с полным текстом.",
        en="The site asks for consent to cookies instead of showing the article; the feed's text stands in. Otklik "
        "does not get around it: ask the editors for a feed with whole texts.",
    ),
    "moved": Text(
        ru="Ссылка ведёт на другую страницу, взят текст из ленты; прочитанная статья остаётся как была.",
        en="The link leads to another page; the feed's text stands in, an article that was read stays as it was.",
    ),
    "front page": Text(
        ru="Вместо статьи сайт показал главную страницу, взят текст из ленты.",
        en="The site showed its front page instead of the article; the feed's text stands in.",
    ),
    "canonical": Text(
        ru="Несколько статей называют своим один и тот же адрес (rel=canonical), взят адрес страницы; сообщите "
        "владельцу сайта.",
        en="Several articles declare one address as their own (rel=canonical); the page's address is taken. Tell the "
        "site's owner.",
    ),
    "same item": Text(
        ru="Запись ленты повторяет другую с тем же номером и ссылкой, взята первая.",
        en="An item of the feed repeats another with the same number and link; the first is taken.",
    ),
    "empty item": Text(
        ru="В записи ленты нет ни страницы, ни текста: брать нечего.",
        en="An item of the feed has neither a page nor a text: there is nothing to take.",
    ),
    "too large": Text(
        ru="Страница слишком велика для статьи, взят текст из ленты.",
        en="The page is too large for an article; the feed's text stands in.",
    ),
    "slow page": Text(
        ru="Разбор занял больше времени, чем любая настоящая страница, и прерван; вместо статьи взят текст из ленты.",
        en="Reading took longer than any real page does and was ended; the feed's text stands in for an article.",
    ),
    "bug": Text(
        ru="Ошибка Отклика при разборе страницы (как — в журнале), взят текст из ленты. Пожалуйста, сообщите о ней.",
        en="Otklik failed on this page (the log says how); the feed's text stands in. Please report it.",
    ),
    "cursor": Text(
        ru="Отметка о прочитанном испорчена, лента читается заново.",
        en="The mark of what was read is broken; the feed is read anew.",
    ),
}
