"""When it is too much, and how an alert is told."""

#: Seconds over which most rules count.
ALERT_WINDOW_SECONDS = 300.0
#: Wrong keys, tokens or codes from one address within the window.
ALERT_FAILED_KEYS = 10
#: Addresses from which one agent works within the window; a network of IPv6 counts once.
ALERT_ADDRESSES = 4
#: Diagrams that one agent deletes within the window.
ALERT_DELETIONS = 10
#: Calls of one agent refused as too many within the window.
ALERT_BURSTS = 20
#: Calls of one agent refused as not allowed, or not found, within the window.
ALERT_REFUSALS = 20
#: Edits of one agent within a few seconds that nobody can follow.
ALERT_EDITS = 100
ALERT_EDITS_WINDOW_SECONDS = 10.0
#: Seconds for which the same rule says nothing further of the same subject.
ALERT_QUIET_SECONDS = 600.0
#: Subjects that a rule keeps in mind; beyond it the one that was quiet longest is forgotten.
MAX_WATCHED_SUBJECTS = 5_000

#: Alerts that wait to be stored or sent; beyond it one is only logged.
MAX_WAITING_ALERTS = 200
#: Attempts to deliver one alert to the webhook.
MAX_WEBHOOK_ATTEMPTS = 6
#: Seconds between two attempts: doubled from the first up to the last.
FIRST_WEBHOOK_DELAY_SECONDS = 1.0
LAST_WEBHOOK_DELAY_SECONDS = 30.0
#: Seconds for one attempt, looking up the name included.
WEBHOOK_TIMEOUT_SECONDS = 10.0
#: Bytes of an answer that are read at most.
MAX_WEBHOOK_ANSWER_BYTES = 16 * 1024
