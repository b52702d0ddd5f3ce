"""How long one diagram waits: for an answer, before a resend, before it is asked for again."""

from collections.abc import Callable

from client import limits
from client.alarms import Alarms
from client.backoff import Backoff


class Patience:
    """``ask_again``: where the diagram stands. ``resend``: what is not acknowledged."""

    def __init__(
        self, alarms: Alarms, ask_again: Callable[[], None], resend: Callable[[], None]
    ) -> None:
        self._alarms = alarms
        self._ask_again = ask_again
        self._resend = resend
        self._resends = Backoff(limits.FIRST_RESEND_SECONDS, limits.LAST_RESEND_SECONDS)
        self._returns = Backoff(limits.FIRST_RESUBSCRIBE_SECONDS, limits.LAST_RESUBSCRIBE_SECONDS)

    def watch(self, *, is_due: bool, is_anew: bool = False) -> None:
        """``is_due``: an answer is still to come. It is waited for from the first call on.

        Anew where ``is_anew``: an answer has come, or something was asked. What else happens
        meanwhile, edits and changes of others, makes nobody wait longer.
        """
        if not is_due or is_anew:
            self._alarms.stop(self._unanswered)
        if is_due:
            self._alarms.set_once(self._unanswered, limits.ANSWER_TIMEOUT_SECONDS)

    def _unanswered(self) -> None:
        self._ask_again()

    def _come_back(self) -> None:
        self._ask_again()

    def resend_later(self) -> None:
        """What was refused for now is sent again."""
        self._alarms.set(self._resend, self._resends.next())

    def ask_later(self) -> None:
        """The diagram cannot be served now."""
        self._alarms.set(self._come_back, self._returns.next())

    def edited(self) -> None:
        """An edit became durable: the next pause is a short one again."""
        self._resends.reset()

    def subscribed(self) -> None:
        """As ``edited``, for subscribing."""
        self._alarms.stop(self._come_back)
        self._returns.reset()
