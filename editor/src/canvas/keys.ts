/** The canvas's keys: what is pressed, told apart without a browser. */

/** For the help: what to press, and what it does. */
export const KEYS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: "Enter or F2", does: "Edit the text of what is selected; typing does too" },
  { keys: "Shift+Enter", does: "New line while editing; Enter or Escape ends" },
  { keys: "Arrow keys", does: "Move the selection by 10 pixels, with Shift by 1" },
  { keys: "Delete", does: "Delete the selection" },
  { keys: "Ctrl+D", does: "Duplicate the selection" },
  { keys: "Ctrl+C, Ctrl+X, Ctrl+V", does: "Copy, cut, paste; also between diagrams" },
  { keys: "Ctrl+Enter", does: "Connect two selected nodes, from the first to the second" },
  { keys: "Ctrl+A", does: "Select all" },
  { keys: "Ctrl+Z, Ctrl+Shift+Z", does: "Undo, redo your own edits" },
  { keys: "Escape", does: "Clear the selection" },
  { keys: "Shift+click, Shift+drag", does: "Add to the selection, select with a frame" },
  { keys: "Tab, Space", does: "Go to the next element, select it; Shift+Space adds it" },
  { keys: "Double click", does: "Edit a text; on the empty canvas: add a process" },
];

/** Pixels that an arrow key moves, and with Shift. */
export const STEP = 10;
export const FINE_STEP = 1;

export type Command =
  | { readonly do: "undo" | "redo" | "delete" | "duplicate" | "connect" }
  | { readonly do: "selectAll" | "escape" }
  | { readonly do: "edit" | "select" | "add" | "type" }
  | { readonly do: "move"; readonly x: number; readonly y: number };

export interface Keystroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** What a keystroke on the canvas asks for; `null` for nothing of ours. */
export function commandFor(stroke: Keystroke): Command | null {
  if (stroke.altKey) return null;
  if (stroke.ctrlKey || stroke.metaKey) return withControl(stroke);
  const arrow = ARROWS[stroke.key];
  if (arrow !== undefined) {
    const step = stroke.shiftKey ? FINE_STEP : STEP;
    return { do: "move", x: arrow[0] * step, y: arrow[1] * step };
  }
  switch (stroke.key) {
    case "Delete":
    case "Backspace":
      return { do: "delete" };
    case "Escape":
      return { do: "escape" };
    case "Enter":
    case "F2":
      return { do: "edit" };
    case " ":
      return { do: stroke.shiftKey ? "add" : "select" };
    default:
      return [...stroke.key].length === 1 ? { do: "type" } : null;
  }
}

function withControl(stroke: Keystroke): Command | null {
  switch (stroke.key.toLowerCase()) {
    case "z":
      return { do: stroke.shiftKey ? "redo" : "undo" };
    case "y":
      return { do: "redo" };
    case "d":
      return { do: "duplicate" };
    case "enter":
      return { do: "connect" };
    case "a":
      return { do: "selectAll" };
    default:
      return null;
  }
}

/** Whether keys typed there belong to a field. */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest("input, textarea, select, [contenteditable=''], [contenteditable=true]") !== null
  );
}
