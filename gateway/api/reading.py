"""What a request says: its JSON body, its query, the revision it is based on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec
import trio
from quart import Request

from gateway.api.envelope import JSON
from gateway.errors import ServiceError
from gateway.json_text import decode_text, parse_json

T = TypeVar("T")

#: Bytes of a request's body.
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
#: Seconds for a body to arrive.
BODY_TIMEOUT_SECONDS: Final = 60.0
MAX_REVISION: Final = 2**53
#: Bytes of a body that is checked for repeated keys at once; for a longer one a thread does it.
MAX_INLINE_BYTES: Final = 128 * 1024

_FIELD: Final = re.compile(r"^(.*?) - at `(?:key in )?\$(.*)`$", re.S)
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_INTEGER: Final = re.compile(r"[0-9]{1,16}")
#: The revision comes first; what else an answer depended on may follow.
_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,16})(?:-[!#-~]{1,64})?"|([0-9]{1,16})')


async def read_json(request: Request, kind: type[T]) -> T:
    """The body as a ``kind``. Raises ServiceError ``unsupported_media_type``, ``invalid_json``
    with the byte, or ``invalid`` with the field's path; ImportRefused ``invalid_json`` with the
    path of a key that one object has twice, which msgspec would not mind."""
    if request.mimetype != JSON:
        message = f"Send JSON, and the header 'Content-Type: {JSON}' with it."
        raise ServiceError("unsupported_media_type", message, "Content-Type")
    body = await request.get_data(cache=False, as_text=False, parse_form_data=False)
    value = decode_json(body, kind)
    text = _decoded(body)
    if len(body) > MAX_INLINE_BYTES:
        await trio.to_thread.run_sync(parse_json, text)
    else:
        parse_json(text)
    return value


async def read_text(request: Request) -> str:
    """The body as text. Raises ImportRefused ``not_utf8``."""
    return decode_text(await request.get_data(cache=False, as_text=False, parse_form_data=False))


def decode_json(body: bytes, kind: type[T]) -> T:
    """Raises ServiceError ``invalid_json`` or ``invalid``."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error)) from None
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from None
    except msgspec.DecodeError as error:
        byte = _BYTE.search(str(error))
        at = f"byte {byte[1]}" if byte else f"byte {len(body)}"
        raise ServiceError("invalid_json", f"The body is not JSON: {error}.", at) from None
    except RecursionError:
        raise ServiceError("too_deep", "The JSON is nested too deeply.") from None


def _decoded(body: bytes) -> str:
    """msgspec does not look into the texts of fields that it passes over."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from None


def _not_utf8(error: UnicodeDecodeError) -> ServiceError:
    return ServiceError("invalid_json", f"The body is not UTF-8: {error.reason}.")


def _wrong_field(text: str) -> ServiceError:
    found = _FIELD.match(text)
    message, at = (found[1], found[2]) if found else (text, "")
    return ServiceError("invalid", f"{message}.", at.lstrip("."))


def read_integer(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """A number of the query. Raises ServiceError ``invalid``."""
    text = request.args.get(name)
    if text is None:
        return default
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise ServiceError("invalid", f"{name} is a whole number from {least} to {most}.", name)
    return int(text)


def read_flag(request: Request, name: str) -> bool:
    """Raises ServiceError ``invalid``."""
    written = request.args.get(name, "false")
    if written not in ("true", "false"):
        raise ServiceError("invalid", f"{name} is true or false.", name)
    return written == "true"


def read_expected_revision(request: Request) -> int | None:
    """The revision in ``If-Match``, as an ETag or bare; ``*`` and no header mean the latest."""
    text = request.headers.get("If-Match")
    if text is None or text.strip() == "*":
        return None
    found = _ETAG.fullmatch(text.strip())
    revision = int(found[1] or found[2]) if found else MAX_REVISION + 1
    if revision > MAX_REVISION:
        message = 'Send one revision, as in If-Match: "12".'
        raise ServiceError("invalid", message, "If-Match")
    return revision


def read_base_revision(request: Request, in_body: int | None) -> int | None:
    """The revision that a change is based on, of the body or of ``If-Match``."""
    in_header = read_expected_revision(request)
    if in_body is not None and in_header is not None and in_body != in_header:
        message = "The revision and the header If-Match differ; send the one you read."
        raise ServiceError("invalid", message, "revision")
    return in_header if in_body is None else in_body


@contextmanager
def revision_named(name: str) -> Iterator[None]:
    """Errors about the revision name it as the client did, not as the service does."""
    try:
        yield
    except ServiceError as error:
        if error.at not in ("base_revision", "expected_revision"):
            raise
        raise ServiceError(error.code, error.message, name, retry=error.retry) from None
