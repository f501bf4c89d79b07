"""What people call whose feed a source is."""

from crawler.model.city import SourceRole
from crawler.model.text import Text

SOURCE_ROLES = {
    SourceRole.OFFICIAL: Text("власть", "official"),
    SourceRole.PUBLIC: Text("паблик", "public"),
    SourceRole.MEDIA: Text("СМИ", "media"),
    SourceRole.PERSON: Text("человек", "person"),
    SourceRole.INTAKE: Text("приём обращений", "intake"),
}
