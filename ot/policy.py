"""Who wins where two edits write one value: decided the same way on every replica."""

from typing import Literal, TypeAlias

Policy: TypeAlias = Literal["later_wins", "humans_first", "agents_first"]
AuthorKind: TypeAlias = Literal["user", "agent", "system"]

_FAVOURED: dict[Policy, AuthorKind] = {"humans_first": "user", "agents_first": "agent"}


def later_wins_over(policy: Policy, later: AuthorKind, earlier: AuthorKind) -> bool:
    """Whether the operation committed later wins over the one committed earlier.

    ``humans_first`` and ``agents_first`` let their favourite win whatever the order; between two
    authors that are favoured alike, the later one wins.
    """
    favoured = _FAVOURED.get(policy)
    return favoured is None or later == favoured or earlier != favoured
