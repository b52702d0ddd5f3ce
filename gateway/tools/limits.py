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
#: Bytes of JSON of one value that an answer tells of, such as one that gave way; a longer one is
#: shortened.
MAX_TOLD_VALUE_BYTES = 1_024
#: Texts told of that came out of several edits at a time.
MAX_TOLD_TEXTS = 20
#: Bytes of one request to /mcp.
MAX_REQUEST_BYTES = 4 * 1024 * 1024
#: Findings told in one answer; the rest is counted.
MAX_TOLD_FINDINGS = 50
#: Changes in the mends of one answer of check_diagram; mends that do not fit are counted.
MAX_TOLD_MENDS = 200
#: Elements that a dry run tells the fate of; the rest is counted.
MAX_TOLD_DIFFERENCES = 100
#: Ids that layout_diagram tells of what it left where people had put it; the rest is counted.
MAX_TOLD_KEPT = 100
#: Ids in a list that limits what a tool is about.
MAX_NAMED_ELEMENTS = 500
#: Characters of an SVG in an answer; a longer one is of no use to a model.
MAX_SVG_LENGTH = 200_000
