"""The commands ``diagramai agents ...``."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar

import click
from msgspec import UNSET, UnsetType

from gateway.errors import ServiceError
from gateway.identity import FULL_ACCESS, PERMISSIONS
from gateway.settings import Settings

T = TypeVar("T")
Run: TypeAlias = Callable[[Callable[[], Awaitable[Any]]], Any]
Decorate: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Duration(click.ParamType[timedelta]):
    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        from gateway.agent_commands import parse_duration

        try:
            return value if isinstance(value, timedelta) else parse_duration(str(value))
        except ServiceError as error:
            self.fail(error.message, param, ctx)


def agents_group(run: Run) -> click.Group:
    """The group; ``run`` carries out what a command has to wait for."""

    @click.group()
    def agents() -> None:
        """Keys with which agents connect."""

    @agents.command("create")
    @click.argument("name")
    @_permissions([FULL_ACCESS])
    @_described
    @click.pass_obj
    def create(settings: Settings, /, name: str, **given: Any) -> None:
        """Make a key for the agent NAME. It is shown this once."""
        from gateway.agent_commands import new_agent

        click.echo(run(partial(new_agent, settings, name, _options(**given))))

    @agents.command("update")
    @click.argument("name")
    @_permissions([])
    @_described
    @click.pass_obj
    def update(settings: Settings, /, name: str, **given: Any) -> None:
        """Change what the agent NAME may do, also where it is connected."""
        from gateway.agent_commands import update_agent

        click.echo(run(partial(update_agent, settings, name, _options(**given))))

    @agents.command("list")
    @click.pass_obj
    def list_(settings: Settings) -> None:
        """Show the agents and when they were last at work."""
        from gateway.agent_commands import describe_agents

        click.echo(run(partial(describe_agents, settings)))

    @agents.command("rotate")
    @click.argument("name")
    @click.option(
        "--overlap",
        type=_Duration(),
        default="24h",
        show_default=True,
        help="How long the key before goes on working, such as 30m, 24h, 7d; 0 ends it at once.",
    )
    @click.pass_obj
    def rotate(settings: Settings, name: str, overlap: timedelta) -> None:
        """Make a new key for the agent NAME. It is shown this once."""
        from gateway.agent_commands import rotate_agent

        click.echo(run(partial(rotate_agent, settings, name, overlap)))

    @agents.command("revoke")
    @click.argument("name")
    @click.pass_obj
    def revoke(settings: Settings, name: str) -> None:
        """End the agent's keys and tokens for good."""
        from gateway.agent_commands import revoke_agent

        click.echo(run(partial(revoke_agent, settings, name)))

    return agents


def _permissions(default: list[str]) -> Decorate:
    return click.option(
        "--permission",
        "permissions",
        multiple=True,
        type=click.Choice(sorted(PERMISSIONS)),
        default=default,
        show_default=bool(default),
    )


def _described(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say more of an agent."""
    options = (
        click.option("--owner", help="Id of the person it acts for; it may do no more than they."),
        click.option("--no-owner", is_flag=True, help="It acts for nobody."),
        click.option(
            "--all-diagrams/--granted-only",
            default=None,
            help="Whether it may use every diagram, or only those it is granted.",
        ),
        click.option("--rate-limit", type=int, help="Operations a minute.  [default: 100]"),
        click.option(
            "--expires", type=_Duration(), help="Ends after this time, such as 90d; 0: never."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _options(
    *,
    permissions: tuple[str, ...],
    owner: str | None,
    no_owner: bool,
    all_diagrams: bool | None,
    rate_limit: int | None,
    expires: timedelta | None,
) -> Any:
    from gateway.agent_commands import AgentOptions

    if no_owner and owner is not None:
        raise click.UsageError("Say --owner or --no-owner, not both.")
    owner_id: str | UnsetType | None = None if no_owner else (owner or UNSET)
    lifetime: timedelta | UnsetType | None = UNSET if expires is None else (expires or None)
    return AgentOptions(
        permissions=permissions,
        rate_limit=rate_limit,
        all_diagrams=all_diagrams,
        owner_id=owner_id,
        lifetime=lifetime,
    )
