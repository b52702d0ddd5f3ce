"""Every bound of connecting by an address; those of what is stored are in persistence.limits."""

from typing import Final

#: Seconds that an authorization code, and an access token, are good for.
CODE_SECONDS: Final = 60.0
ACCESS_TOKEN_SECONDS: Final = 3_600.0
#: Days that a person may approve an agent for, and those offered first.
MAX_APPROVED_DAYS: Final = 365
DEFAULT_APPROVED_DAYS: Final = 30

#: Bytes of a request's body at these addresses.
MAX_OAUTH_BODY_BYTES: Final = 64 * 1024
#: Characters of a client's name, of one address that it gives, and of its state.
MAX_CLIENT_NAME_LENGTH: Final = 100
MAX_URI_LENGTH: Final = 2_000
MAX_STATE_LENGTH: Final = 2_000
#: Addresses that a client may be answered at.
MAX_REDIRECT_URIS: Final = 10

#: Diagrams that a person chooses for an agent, those that a search shows, and characters to search.
MAX_CHOSEN_DIAGRAMS: Final = 50
MAX_FOUND_DIAGRAMS: Final = 20
MAX_SEARCH_LENGTH: Final = 200
#: Characters of the request that a browser comes back to after signing in, and for how long.
MAX_RETURN_LENGTH: Final = 3_500
RETURN_SECONDS: Final = 600

#: Bytes of the document in which a client describes itself, and seconds to fetch it.
MAX_DOCUMENT_BYTES: Final = 10 * 1024
DOCUMENT_TIMEOUT_SECONDS: Final = 5.0
#: Documents fetched at the same time; whoever comes then waits.
MAX_DOCUMENT_FETCHES: Final = 4
#: Seconds for which a document, and that it could not be had, is believed.
DOCUMENT_KEPT_SECONDS: Final = 600.0
DOCUMENT_FAILED_SECONDS: Final = 30.0
MAX_KEPT_DOCUMENTS: Final = 1_000

#: Seconds for which a verified access token is believed, and how many are.
TOKEN_BELIEVED_SECONDS: Final = 0.5
MAX_BELIEVED_TOKENS: Final = 1_024
