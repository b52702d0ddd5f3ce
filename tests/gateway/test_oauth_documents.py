"""Clients that describe themselves in a document: how it is fetched, and what is believed of it."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
import trio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.main import open_server
from gateway.oauth.documents import ClientDocuments, is_document, parse_document
from gateway.oauth.fetching import Fetcher, NotFetched
from gateway.oauth.limits import MAX_DOCUMENT_BYTES
from gateway.settings import Settings
from tests.support.mcp import McpWorld, open_world
from tests.support.oauth import REDIRECT as LOOPBACK
from tests.support.oauth import BareClient, Browser, browser_of

REDIRECT = "http://127.0.0.1:3000/callback"


def document(url: str, **changed: object) -> bytes:
    return msgspec.json.encode(
        {"client_id": url, "client_name": "Program", "redirect_uris": [REDIRECT], **changed}
    )


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Internet(msgspec.Struct):
    """A server for documents on this machine, which counts who comes."""

    port: int
    fetcher: Fetcher
    answer: Callable[[], bytes]
    visits: int = 0

    def url(self, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}/client.json"


@asynccontextmanager
async def internet(folder: Path) -> AsyncIterator[Internet]:
    certificate, key = write_certificate(folder)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(certificate))
    port = listeners[0].socket.getsockname()[1]
    made = Internet(port, Fetcher(allow_loopback=True, context=trusting), lambda: b"")

    async def serve(stream: trio.SocketStream) -> None:
        made.visits += 1
        secured = trio.SSLStream(stream, serving, server_side=True, https_compatible=True)
        try:
            while b"\r\n\r\n" not in await secured.receive_some():
                pass
            await secured.send_all(made.answer())
            await secured.aclose()
        except trio.BrokenResourceError:
            # A client that has seen enough hangs up.
            await trio.aclose_forcefully(secured)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield made
        nursery.cancel_scope.cancel()


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


async def test_a_good_document_is_fetched_once(tmp_path: Path) -> None:
    async with internet(tmp_path) as server:
        server.answer = lambda: answer(document(server.url()))
        documents = ClientDocuments(server.fetcher)
        for _ in range(3):
            client = await documents.find(server.url())
            assert client is not None
            assert (client.client_name, client.client_id) == ("Program", server.url())
        assert server.visits == 1


async def test_a_bad_one_is_no_client_and_is_not_fetched_again_at_once(tmp_path: Path) -> None:
    async with internet(tmp_path) as server:
        documents = ClientDocuments(server.fetcher)
        server.answer = lambda: answer(document("https://other.example/client.json"))
        assert await documents.find(server.url()) is None
        assert await documents.find(server.url()) is None
        assert server.visits == 1


async def test_what_is_not_a_document_is_not_taken_for_one(tmp_path: Path) -> None:
    large = b'{"client_name": "' + b"x" * MAX_DOCUMENT_BYTES + b'"}'
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + large * 3
    async with internet(tmp_path) as server:
        for given, why in (
            (answer(b"{}", "302 Found\r\nLocation: https://localhost/"), "the status 302"),
            (answer(b"{}", "404 Not Found"), "the status 404"),
            (answer(b"{}", kind="text/html"), "not application/json"),
            (answer(large), "more than"),
            (endless, "more than"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", "unexpectedly|connection"),
            (b"nonsense\r\n\r\n", "illegal"),
        ):
            server.answer = lambda given=given: given  # type: ignore[misc]
            with pytest.raises(NotFetched, match=why):
                await server.fetcher.fetch(server.url())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"client_id": "https://a.example/other"}, "another client_id"),
        ({"redirect_uris": []}, "cannot be read"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": "x"}, "cannot be read"),
        ({"client_name": "x" * 101}, "client_name"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "auth_method"),
    ],
)
def test_what_a_document_may_not_say(changed: dict[str, object], why: str) -> None:
    with pytest.raises(NotFetched, match=why):
        parse_document("https://a.example/c", document("https://a.example/c", **changed))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
     "[::ffff:127.0.0.1]", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
     "100.64.0.1", "224.0.0.1", "2130706433", "0x7f.1"],
)  # fmt: skip
async def test_nothing_is_fetched_from_inside(tmp_path: Path, host: str) -> None:
    async with internet(tmp_path) as server:
        guarded = Fetcher()
        with pytest.raises(NotFetched, match="not on the open internet"):
            await guarded.fetch(server.url(host))
        assert server.visits == 0


async def test_a_certificate_has_to_be_right(tmp_path: Path) -> None:
    async with internet(tmp_path) as server:
        with pytest.raises(NotFetched):
            await Fetcher(allow_loopback=True).fetch(server.url())


async def test_a_program_is_let_in_by_its_document(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with internet(tmp_path) as server:
        server.answer = lambda: answer(document(server.url(), redirect_uris=[LOOPBACK]))
        monkeypatch.setattr("gateway.main.Fetcher", lambda: server.fetcher)
        async with open_world(database_url) as world:
            client = BareClient(world, server.url())
            stranger = await Browser(client.base, "").get(client.ask())
            assert stranger.status_code == 401
            assert (await client.exchange("code")).status_code == 401
            assert server.visits == 0, "nobody but who is signed in has anything fetched"
            browser = await browser_of(world)
            page = await browser.get(client.ask())
            assert f"a document at localhost:{server.port}" in page.text
            tokens = await client.tokens(browser)
            assert (await client.refresh(tokens["refresh_token"])).status_code == 200
            assert server.visits == 1


async def test_without_the_setting_nothing_is_fetched(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with internet(tmp_path) as server:
        monkeypatch.setattr("gateway.main.Fetcher", lambda: server.fetcher)
        settings = Settings(port=0, database_url=database_url, client_documents=False)
        async with open_server(settings) as serving:
            client = BareClient(McpWorld(serving), server.url())
            browser = await browser_of(client.world)
            assert (await browser.get(client.ask())).status_code == 400
            told = await browser.get("/.well-known/oauth-authorization-server/oauth")
            assert told.json()["client_id_metadata_document_supported"] is False
        assert server.visits == 0


@pytest.mark.parametrize(
    ("client_id", "expected"),
    [
        ("https://a.example/client.json", True),
        ("https://a.example:8443/c?v=2", True),
        ("http://a.example/client.json", False),
        ("https://a.example/", False),
        ("https://a.example", False),
        ("https://a.example/a/../b", False),
        ("https://a.example/c#x", False),
        ("https://user@a.example/c", False),
        ("https://a.example/c d", False),
        ("https://a.example/c\r\nHost: b", False),
        ("6a4f", False),
    ],
)
def test_which_ids_are_addresses_of_documents(client_id: str, expected: bool) -> None:
    assert is_document(client_id) is expected
