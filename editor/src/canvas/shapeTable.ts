/** The node types: names, groups, sizes and where the label stands; the drawing is in `shapes.ts`. */
import table from "./shape-table.json" with { type: "json" };

/** Parts of the width (left, right) or of the height (top, bottom) that the label leaves free. */
export interface Inset {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export interface NodeKind {
  /** As it is stored. */
  readonly type: string;
  readonly label: string;
  readonly group: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly inset: Inset;
  /** Which of the canvas's colours an element without its own has. */
  readonly tone: string;
}

interface Row {
  readonly label: string;
  readonly group: string;
  readonly width: number;
  readonly height: number;
  readonly inset: readonly number[];
  readonly tone: string;
}

function kindFrom(type: string, row: Row): NodeKind {
  const [top = 0, right = 0, bottom = 0, left = 0] = row.inset;
  return { ...row, type, inset: { top, right, bottom, left } };
}

const kinds = new Map(
  Object.entries(table.types).map(([type, row]) => [type, kindFrom(type, row)] as const),
);
const unknownKind = kindFrom("unknown", table.unknown);

/** Every known type, in the palette's order. */
export const NODE_KINDS: readonly NodeKind[] = [...kinds.values()];

/** Whether the type has a shape of its own. */
export function isKnownType(type: string): boolean {
  return kinds.has(type);
}

/** The type's row; for an unknown one a plain box. */
export function kindOf(type: string): NodeKind {
  return kinds.get(type) ?? unknownKind;
}
