"""What people call the acts of speech."""

from crawler.model.items import Act
from crawler.model.text import Text

ACTS = {
    Act.COMPLAINT: Text("жалоба", "complaint"),
    Act.QUESTION: Text("вопрос", "question"),
    Act.PROPOSAL: Text("предложение", "proposal"),
    Act.THANKS: Text("благодарность", "thanks"),
    Act.TALK: Text("разговор", "talk"),
    Act.ADVERT: Text("реклама", "advert"),
}
