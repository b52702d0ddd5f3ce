"""The commands ``diagramai audit ...``, and what ``serve`` can be told of audit and alerts."""

import os
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.alerts.settings import WebhookSettings
from gateway.settings import Settings

T = TypeVar("T")

#: Runs something on trio, and makes one line of what goes wrong.
Runner = Callable[[Callable[[], Awaitable[Any]]], Any]

_SPAN = re.compile(r"(\d{1,6})([dh])")


class Moment(click.ParamType[datetime]):
    """A date, a date with a time (UTC where it says nothing), or a span back from now: 30d, 12h."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if span := _SPAN.fullmatch(value):
                hours = int(span[1]) * (24 if span[2] == "d" else 1)
                return datetime.now(UTC) - timedelta(hours=hours)
            parsed = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no date such as 2026-01-31, and no span such as 30d or 12h.")
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def guard_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What ``serve`` can be told of the audit and of alerts."""
    options = (
        click.option(
            "--audit-days",
            envvar="DIAGRAMAI_AUDIT_DAYS",
            type=click.IntRange(1, 36_500),
            help="Days for which what agents did stays on record.  [default: for good]",
        ),
        click.option(
            "--alert-webhook",
            envvar="DIAGRAMAI_ALERT_WEBHOOK",
            help="An https address that alerts are sent to; DIAGRAMAI_ALERT_WEBHOOK_SECRET is "
            "what they are signed with.",
        ),
        click.option(
            "--alert-webhook-own-network",
            envvar="DIAGRAMAI_ALERT_WEBHOOK_OWN_NETWORK",
            is_flag=True,
            help="The webhook may be inside your own network, or on this machine, and by http.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def webhook_settings(url: str | None, *, own_network: bool) -> WebhookSettings | None:
    # The secret is no option: other users of the machine see those.
    secret = os.environ.get("DIAGRAMAI_ALERT_WEBHOOK_SECRET", "")
    return WebhookSettings(url, secret, own_network) if url else None


def audit_group(run: Runner) -> click.Group:
    """The commands; ``run`` is the command line's own."""

    @click.group("audit")
    def audit() -> None:
        """What agents did and tried."""

    audit.add_command(_verify_command(run))
    audit.add_command(_export_command(run))
    audit.add_command(_prune_command(run))
    return audit


def _verify_command(run: Runner) -> click.Command:
    @click.command("verify")
    @click.option(
        "--note",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write a note of how long each chain is and how it ends; keep it elsewhere.",
    )
    @click.option(
        "--against",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A note that was written before: nothing in it may have changed since.",
    )
    @click.pass_obj
    def verify(settings: Settings, note: Path | None, against: Path | None) -> None:
        """Check that no row was changed, moved or removed.

        Exits 0 where all is in order, and 1 where it is not.
        """
        from gateway.audit_commands import verify_audit

        is_good = run(partial(verify_audit, settings, note, against, click.echo))
        sys.exit(0 if is_good else 1)

    return verify


def _export_command(run: Runner) -> click.Command:
    @click.command("export")
    @click.option("--format", "wanted", type=click.Choice(["csv", "jsonl"]), default="jsonl")
    @click.option("--agent", help="Only of this agent.")
    @click.option("--diagram", help="Only of the diagram with this id or uuid.")
    @click.option("--since", type=Moment(), help="A date, or a span back from now such as 30d.")
    @click.option("--until", type=Moment(), help="The same; rows from before it.")
    @click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
    @click.pass_obj
    def export(settings: Settings, /, wanted: str, output: Path | None, **given: Any) -> None:
        """Write the rows, oldest first, as CSV or as JSON lines."""
        from gateway.audit_commands import export_audit
        from persistence.audit import Filter

        rows = Filter(agent_id=given.pop("agent"), **given)
        if output is None:
            run(partial(export_audit, settings, rows, wanted, sys.stdout))
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            run(partial(export_audit, settings, rows, wanted, file))

    return export


def _prune_command(run: Runner) -> click.Command:
    @click.command("prune")
    @click.option("--older-than", type=Moment(), required=True, help="A span such as 365d.")
    @click.pass_obj
    def prune(settings: Settings, older_than: datetime) -> None:
        """Drop rows that are older. What is left can still be verified."""
        from gateway.audit_commands import prune_audit

        click.echo(f"{run(partial(prune_audit, settings, older_than))} rows dropped")

    return prune
