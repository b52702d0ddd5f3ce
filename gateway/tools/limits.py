"""Bounds of what one tool call may carry. Documented in docs/limits.md."""

#: Characters of a label.
MAX_LABEL_LENGTH = 10_000
#: Characters of a description or a filter.
MAX_DESCRIPTION_LENGTH = 10_000
#: Characters of a node's or edge's type.
MAX_TYPE_LENGTH = 64
#: Changes in one call of apply_changes.
MAX_CHANGES = 500
#: Diagrams in one answer of list_diagrams.
MAX_LISTED = 100
#: Conflicts told in one answer; the rest is counted.
MAX_TOLD_CONFLICTS = 50
#: Bytes of one request to /mcp.
MAX_REQUEST_BYTES = 4 * 1024 * 1024
