"""The critic's findings in few words, each with the changes that mend it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from msgspec import UNSET

from gateway.critic.findings import Code, Finding
from gateway.tools.as_changes import ChangeArguments, changes_of
from gateway.tools.limits import MAX_TOLD_FINDINGS, MAX_TOLD_MENDS
from gateway.tools.rehearsal import ToldFinding
from ot.diagram import Diagram


def chosen(
    findings: Iterable[Finding], codes: Collection[Code] | None, ids: Collection[str] | None
) -> list[Finding]:
    """Those of the codes that are about at least one of the ids; ``None`` chooses all."""
    wanted = None if ids is None else frozenset(ids)
    return [
        finding
        for finding in findings
        if (codes is None or finding.code in codes)
        and (wanted is None or not wanted.isdisjoint((*finding.nodes, *finding.edges)))
    ]


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(Counter(finding.code for finding in findings))


def told(finding: Finding) -> ToldFinding:
    return ToldFinding(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        nodes=list(finding.nodes) or UNSET,
        edges=list(finding.edges) or UNSET,
    )


def told_with_mends(
    findings: Sequence[Finding], diagram: Diagram
) -> tuple[list[ToldFinding], list[list[ChangeArguments]], int]:
    """The first MAX_TOLD_FINDINGS, their mends, and how many mends there was no room for.

    Findings that are mended together share one mend.
    """
    mends: list[list[ChangeArguments]] = []
    places: dict[int, int | None] = {}
    room = MAX_TOLD_MENDS
    answers = []
    for finding in findings[:MAX_TOLD_FINDINGS]:
        answer = told(finding)
        answers.append(answer)
        mend = finding.mend
        if mend is None or mend.is_empty():
            continue
        if id(mend) not in places:
            changes = changes_of(mend, diagram)
            fits = len(changes) <= room
            places[id(mend)] = len(mends) if fits else None
            if fits:
                room -= len(changes)
                mends.append(changes)
        place = places[id(mend)]
        answer.mend = UNSET if place is None else place
    return answers, mends, sum(place is None for place in places.values())
