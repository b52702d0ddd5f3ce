"""The whole server inside the test's own trio loop, on a free port, over the test's database."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from gateway.identity import FULL_ACCESS, person_principal
from gateway.local_access import MAX_RATE_LIMIT, create_agent, issue_link, local_person
from gateway.main import Serving, open_server
from gateway.settings import Settings
from gateway.templates import make_template
from tests.support.server import sign_in
from tests.support.socket_client import Socket, open_socket

PERSON = person_principal("local", local_person().name, "local")


class Site(msgspec.Struct):
    """A server with one flowchart, a signed-in person and an agent."""

    serving: Serving
    cookie: str
    key: str
    diagram_id: str
    diagram_uuid: str

    @property
    def socket_url(self) -> str:
        return self.serving.base_url.replace("http", "ws", 1) + "/ws/diagrams"

    def person(self) -> AbstractAsyncContextManager[Socket]:
        return open_socket(self.socket_url, {"cookie": self.cookie})

    def agent(self) -> AbstractAsyncContextManager[Socket]:
        return open_socket(self.socket_url, {"authorization": f"Bearer {self.key}"})


def open_site(database_url: str) -> AbstractAsyncContextManager[Site]:
    """Serves for the time of the body."""
    return open_site_with(Settings(port=0, database_url=database_url))


@asynccontextmanager
async def open_site_with(settings: Settings) -> AsyncIterator[Site]:
    """Serves for the time of the body."""
    async with open_server(settings) as serving:
        link = await issue_link(serving.sign_in, serving.base_url)
        agent = await create_agent(
            serving.credentials, "bot", [FULL_ACCESS], rate_limit=MAX_RATE_LIMIT
        )
        record = await serving.service.create(
            PERSON, diagram=make_template("flowchart", "Chart", "A chart")
        )
        cookie = await sign_in(link)
        yield Site(serving, cookie, agent.key, record.id, record.uuid)
