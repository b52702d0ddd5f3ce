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

/** Handles as an edge stores them. */
export interface Handles {
  readonly source: unknown;
  readonly target: unknown;
}

/** The sides an edge joins: those it names, the others by geometry and by its turn. */
export function sidesFor(handles: Handles, source: Rect, target: Rect, turn: number): [Side, Side] {
  const [from, to] = turned(facingSides(source, target), turn);
  return [sideOfHandle(handles.source) ?? from, sideOfHandle(handles.target) ?? to];
}

/** Edges between two nodes run beside each other: facing, then round one side, then the other. */
function turned(facing: [Side, Side], turn: number): [Side, Side] {
  if (turn % 3 === 0) return facing;
  const vertical = facing[0] === "top" || facing[0] === "bottom";
  if (turn % 3 === 1) return vertical ? ["right", "right"] : ["bottom", "bottom"];
  return vertical ? ["left", "left"] : ["top", "top"];
}

/** What is needed of an edge to count its turn. */
export interface Joint extends Handles {
  readonly ends: readonly [source: string, target: string];
}

/**
 * Edges that are not the first between their two nodes, with how many come before them by id. Those
 * that name a side, and loops, are not counted.
 */
export function turnsOf(
  joints: Iterable<readonly [id: string, joint: Joint]>,
): Map<string, number> {
  const groups = new Map<string, string[]>();
  for (const [id, { ends, source, target }] of joints) {
    if (ends[0] === ends[1] || sideOfHandle(source) !== null || sideOfHandle(target) !== null) {
      continue;
    }
    const pair = JSON.stringify(ends[0] < ends[1] ? ends : [ends[1], ends[0]]);
    const group = groups.get(pair);
    if (group === undefined) groups.set(pair, [id]);
    else group.push(id);
  }
  const turns = new Map<string, number>();
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    for (const [turn, id] of group.sort(byCodeUnits).entries()) if (turn > 0) turns.set(id, turn);
  }
  return turns;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
