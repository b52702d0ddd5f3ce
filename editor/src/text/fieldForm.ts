/**
 * How a field shows a text. A browser's field keeps no carriage return, and one of a single line no
 * line end either, so what is typed there has to be found again in the text as it is stored.
 */
import { lengthOf, normalise, type TextEdit } from "@diagramai/client";

/** An input of one line, or a textarea. */
export type FieldKind = "line" | "lines";

/** Whether the code point is not in the field: `next` is the one behind it. */
type Hides = (codePoint: string, next: string | undefined) => boolean;

const HIDES: Readonly<Record<FieldKind, Hides>> = {
  line: (codePoint) => codePoint === "\r" || codePoint === "\n",
  lines: (codePoint, next) => codePoint === "\r" && next === "\n",
};

/** The text as the field has it. */
export function fieldForm(kind: FieldKind, text: string): string {
  if (isPlain(kind, text)) return text;
  return kind === "line" ? text.replace(/[\r\n]/g, "") : text.replace(/\r\n?/g, "\n");
}

/** An edit of the text in the field, as an edit of the stored text. */
export function toStored(kind: FieldKind, text: string, edit: TextEdit): TextEdit {
  if (isPlain(kind, text)) return edit;
  const widths = widthsOf(kind, text);
  let at = 0;
  const take = (count: number): number => {
    const end = Math.min(at + count, widths.length);
    let width = at + count - end;
    for (; at < end; at++) width += widths[at] ?? 1;
    return width;
  };
  return normalise(
    edit.map((part) => {
      if (typeof part === "string") return part;
      const width = take(lengthOf(part));
      return typeof part === "number" ? width : { d: width };
    }),
  );
}

/** Code points of the stored text before this many of the field's. */
export function storedPoint(kind: FieldKind, text: string, point: number): number {
  if (isPlain(kind, text)) return point;
  return widthsOf(kind, text)
    .slice(0, point)
    .reduce((sum, width) => sum + width, 0);
}

/** Code points of the field's text before this many of the stored. */
export function fieldPoint(kind: FieldKind, text: string, point: number): number {
  if (isPlain(kind, text)) return point;
  let passed = 0;
  const widths = widthsOf(kind, text);
  const over = widths.findIndex((width) => {
    passed += width;
    return passed > point;
  });
  return over === -1 ? widths.length : over;
}

function isPlain(kind: FieldKind, text: string): boolean {
  return !text.includes("\r") && (kind === "lines" || !text.includes("\n"));
}

/** For each code point in the field, how many of the stored text it ends: itself and hidden ones. */
function widthsOf(kind: FieldKind, text: string): number[] {
  const points = [...text];
  const hides = HIDES[kind];
  const widths: number[] = [];
  let width = 0;
  for (const [at, point] of points.entries()) {
    width += 1;
    if (hides(point, points[at + 1])) continue;
    widths.push(width);
    width = 0;
  }
  return widths;
}
