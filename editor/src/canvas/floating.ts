/** Which sides of two nodes an edge joins where it does not say so itself. */
import { SIDES, type Side } from "./shapes.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LETTERS: Readonly<Record<string, Side>> = { t: "top", r: "right", b: "bottom", l: "left" };

/**
 * The side a stored handle names: "right", "source-right", "r", ... `null` for none and for ids of
 * other editors that name no side.
 */
export function sideOfHandle(handle: unknown): Side | null {
  if (typeof handle !== "string") return null;
  for (const word of handle.toLowerCase().split(/[^a-z]+/)) {
    const side =
      SIDES.find((known) => known === word) ?? (word.length === 1 ? LETTERS[word] : undefined);
    if (side !== undefined) return side;
  }
  return null;
}

/**
 * The sides that face each other across the wider gap; where the nodes overlap, along the line
 * between their centres. A node joined to itself gets a loop at its upper right corner.
 */
export function facingSides(source: Rect, target: Rect): [Side, Side] {
  if (source === target) return ["right", "top"];
  const gapX = Math.max(target.x - (source.x + source.width), source.x - (target.x + target.width));
  const gapY = Math.max(
    target.y - (source.y + source.height),
    source.y - (target.y + target.height),
  );
  const dx = target.x + target.width / 2 - (source.x + source.width / 2);
  const dy = target.y + target.height / 2 - (source.y + source.height / 2);
  const apart = gapX > 0 || gapY > 0;
  const vertical = apart ? gapY >= gapX : Math.abs(dy) >= Math.abs(dx);
  if (vertical) return dy >= 0 ? ["bottom", "top"] : ["top", "bottom"];
  return dx >= 0 ? ["right", "left"] : ["left", "right"];
}

/** The sides an edge joins: those it names, the others by geometry. */
export function sidesFor(
  handles: { readonly source: unknown; readonly target: unknown },
  source: Rect,
  target: Rect,
): [Side, Side] {
  const [from, to] = facingSides(source, target);
  return [sideOfHandle(handles.source) ?? from, sideOfHandle(handles.target) ?? to];
}
