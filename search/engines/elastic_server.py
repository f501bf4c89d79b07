"""The Elasticsearch of one city: the way to it, and its errors in words of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import elasticsearch as es

from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.engine import EngineDownError, EngineError, stale
from search.engines.elastic_url import connect

ABSENT = "index_not_found_exception"


class Server:
    """The client, and what is said when it fails. Opening it asks nothing of the server, which may be dead."""

    def __init__(self, url: str, city: str, secrets: Secrets) -> None:
        self.city = city
        self.alias = f"otklik-{city}"
        self.client, self._where = connect(url, secrets)

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Say in words of ours what the client raises: EngineDownError, or EngineError where waiting does not help."""
        try:
            yield
        except es.NotFoundError as error:
            if error.error == ABSENT:
                raise stale(self.city) from error
            raise self.down(said(error)) from error
        except es.BadRequestError as error:
            raise EngineError(
                Text(
                    "Elasticsearch ({where}) не принимает запрос: {why}",
                    "Elasticsearch ({where}) does not take the request: {why}",
                ).filled(where=self._where, why=said(error))
            ) from error
        except (es.AuthenticationException, es.AuthorizationException) as error:
            raise self._refused(said(error)) from error
        except es.SSLError as error:
            raise self._unknown(said(error)) from error
        except (es.ApiError, es.TransportError) as error:
            raise self.down(said(error)) from error

    def down(self, detail: str) -> EngineDownError:
        """The error of a server that does not answer, or not as it should."""
        return EngineDownError(
            Text(
                "Elasticsearch ({where}) не отвечает: {why}. Публикации ждут в очереди и будут проиндексированы, когда "
                "он ответит; проверьте адрес (http или https), доступ и журнал сервера",
                "Elasticsearch ({where}) does not answer: {why}. Posts wait in the queue and are indexed once it does; "
                "check the address (http or https), the credentials and the server's log",
            ).filled(where=self._where, why=detail)
        )

    def _unknown(self, detail: str) -> EngineDownError:
        return EngineDownError(
            Text(
                "Elasticsearch ({where}): сертификат не принят: {why}. Публикации ждут в очереди; проверьте срок "
                "сертификата, имя в нём и файл, который называет ca=",
                "Elasticsearch ({where}): its certificate is not accepted: {why}. Posts wait in the queue; check until "
                "when it is valid, the name in it, and the file that ca= names",
            ).filled(where=self._where, why=detail)
        )

    def _refused(self, detail: str) -> EngineDownError:
        # As when it is down: nothing is lost, and once the rights are there the queue goes on by itself.
        return EngineDownError(
            Text(
                "Elasticsearch ({where}) не пускает: {why}. Публикации ждут в очереди; проверьте user, password_env "
                "или api_key_env и права manage, read, write на {alias} и {alias}.*",
                "Elasticsearch ({where}) does not let us in: {why}. Posts wait in the queue; check user, password_env "
                "or api_key_env, and the rights manage, read, write on {alias} and {alias}.*",
            ).filled(where=self._where, why=detail, alias=self.alias)
        )


def said(error: es.ApiError | es.TransportError) -> str:
    """What the server or the connection says, in one line of at most 500 characters."""
    if isinstance(error, es.ApiError):
        causes = error.body.get("error", {}) if isinstance(error.body, dict) else {}
        roots = causes.get("root_cause", []) if isinstance(causes, dict) else []
        reasons = [str(cause.get("reason", "")) for cause in islice(roots, 2)]
        return f"{error.status_code} {error.error} {' '.join(reasons)}".strip()[:500]
    # The client's own words are just «TLS error»: the cause stands behind it.
    causes = [str(cause) for cause in error.errors] or [str(error.message)]
    return f"{type(error).__name__}: {'; '.join(causes)}"[:500]
