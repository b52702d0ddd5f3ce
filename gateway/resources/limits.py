"""Every bound of the resources. Documented in docs/limits.md."""

#: Characters of a resource's address.
MAX_URI_LENGTH = 2_048
#: Diagrams in one page of the list of resources.
MAX_LISTED_DIAGRAMS = 25
#: Characters of a cursor.
MAX_CURSOR_LENGTH = 1_024
#: Bytes of a picture as SVG; a larger one is of no use to a model.
MAX_SVG_BYTES = 1024 * 1024
#: Characters of a title or a description as the list shows them.
MAX_SHOWN_LENGTH = 200
#: Values in one answer to a completion; what the protocol allows.
MAX_COMPLETIONS = 100
#: Characters of what is to be completed.
MAX_COMPLETED_LENGTH = 200
#: Diagrams, the last changed first, whose ids are looked through for one completion.
MAX_LOOKED_THROUGH = 500
#: Sizes of resources kept in memory, for the list.
MAX_KEPT_SIZES = 10_000
#: Pictures kept in memory, and their bytes all together.
MAX_KEPT_PICTURES = 200
MAX_KEPT_PICTURES_BYTES = 32 * 1024 * 1024
