"""Every bound of the pictures, with its reason."""

#: Pixels of a picture's longer side; what vision models take without scaling it themselves.
MAX_SIDE_PX = 1568
#: Bytes of a PNG unless the caller says otherwise; fits into a tool's answer.
MAX_PNG_BYTES = 680 * 1024
#: Pixels of the longer side that a caller may ask for; 4096 squared is 64 MB while it is drawn.
LARGEST_SIDE_PX = 4_096
#: Pixels of the longer side that a caller may ask for at least.
SMALLEST_SIDE_PX = 64
#: Bytes of a PNG that a caller may ask for at least.
SMALLEST_PNG_BYTES = 4 * 1024
#: Pixels of the picture for one of the diagram, so that a small diagram is sharp and not coarse.
MAX_SCALE = 2.0
#: How often a PNG that is too large is drawn again, smaller each time.
MAX_DRAWINGS = 6
#: Flow units around what is shown.
MARGIN = 24
#: How far neighbours are followed.
MAX_HOPS = 10
#: Flow units around what is shown that a caller may ask for.
MAX_PADDING = 10_000
#: Flow units of a region's sides and of its place; the editor draws nothing further out.
MAX_COORDINATE = 2e7
#: Flow units of a frame's shorter side at least, as a share of the longer one.
MIN_ASPECT = 1 / 40
#: Lines of a text diagram that its card shows, and characters of each.
MAX_CARD_LINES = 40
MAX_CARD_COLUMNS = 84
#: Characters of a title, and of an attribute that names an element.
MAX_TITLE = 200
MAX_ID = 512
#: Characters of the name of an unknown type, as in the editor.
MAX_TYPE_NAME = 40
#: Pixels of a stroke, as in the editor.
MAX_STROKE = 20.0
#: Widths of the line that an arrowhead takes, as in the editor.
MAX_MARKER = 60.0
#: Dashes of one line or outline; one that would have more is drawn whole.
MAX_DASHES = 2_000
