"""What people call the kinds of posts, and who writes them."""

from crawler.model.items import AuthorRole, Kind
from crawler.model.text import Text

KIND_NAMES = {
    Kind.POST: Text("публикация", "post"),
    Kind.COMMENT: Text("комментарий", "comment"),
    Kind.ARTICLE: Text("статья", "article"),
    Kind.APPEAL: Text("обращение", "appeal"),
    Kind.MESSAGE: Text("сообщение", "message"),
}
AUTHOR_ROLES = {
    AuthorRole.RESIDENT: Text("житель", "a resident"),
    AuthorRole.OFFICIAL: Text("власть", "an authority"),
    AuthorRole.MEDIA: Text("СМИ", "media"),
    AuthorRole.UNKNOWN: Text("неизвестно кто", "unknown"),
}
