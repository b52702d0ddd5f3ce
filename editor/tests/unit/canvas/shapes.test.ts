import { describe, expect, test } from "vitest";
import { isUnnamed } from "../../../src/canvas/fields.ts";
import { drawingOf, type Point, SIDES } from "../../../src/canvas/shapes.ts";
import { isKnownType, kindOf, NODE_KINDS } from "../../../src/canvas/shapeTable.ts";

const STORED_TYPES =
  "process decision start end input output database document server router api cloud user rectangle circle diamond note hexagon manual-operation manual-input delay predefined-process multiple-documents stored-data internal-storage sequential-data extract off-page-connector default ellipse connector group".split(
    " ",
  );
const SIZES = [
  [150, 50],
  [44, 44],
  [300, 40],
  [60, 400],
] as const;
/** Pixels by which a curve may leave the node's box. */
const SLACK = 0.5;
const STEPS = 16;

interface Traced {
  readonly points: Point[];
  /** Subpaths that end where they began. */
  readonly closed: boolean;
}

/** Follows a path of M, L, C and Z, curves in small steps. */
function trace(path: string): Traced {
  const tokens = path.trim().split(/\s+/);
  const points: Point[] = [];
  let at: Point = { x: 0, y: 0 };
  let start = at;
  let [closed, open] = [true, false];
  const number = () => {
    const value = Number(tokens.shift());
    if (!Number.isFinite(value)) throw new Error(`no number in ${path}`);
    return value;
  };
  const point = () => ({ x: number(), y: number() });
  while (tokens.length > 0) {
    const command = tokens.shift();
    if (command === "M") {
      closed &&= !open;
      [at, open] = [point(), true];
      start = at;
      points.push(at);
    } else if (command === "L") {
      at = point();
      points.push(at);
    } else if (command === "C") {
      const [a, b, end] = [point(), point(), point()];
      for (let step = 1; step <= STEPS; step += 1) {
        points.push(onCurve(at, a, b, end, step / STEPS));
      }
      at = end;
    } else if (command === "Z") {
      open = false;
      points.push(start);
    } else {
      throw new Error(`unexpected ${command} in ${path}`);
    }
  }
  return { points, closed: closed && !open };
}

function onCurve(a: Point, b: Point, c: Point, d: Point, t: number): Point {
  const mix = (p: number, q: number, r: number, s: number) =>
    p * (1 - t) ** 3 + 3 * q * t * (1 - t) ** 2 + 3 * r * t ** 2 * (1 - t) + s * t ** 3;
  return { x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y) };
}

test("every type that is stored has a row and a shape of its own", () => {
  expect(NODE_KINDS.map((kind) => kind.type).sort()).toEqual([...STORED_TYPES].sort());
  expect(STORED_TYPES.every(isKnownType)).toBe(true);
});

describe.each(NODE_KINDS.map((kind) => kind.type))("the shape of %s", (type) => {
  test.each(SIZES)("is closed and inside its box at %d x %d", (width, height) => {
    const { points, closed } = trace(drawingOf(type, width, height).outline);
    expect(closed).toBe(true);
    expect(Math.min(...points.map((p) => p.x))).toBeGreaterThanOrEqual(-SLACK);
    expect(Math.min(...points.map((p) => p.y))).toBeGreaterThanOrEqual(-SLACK);
    expect(Math.max(...points.map((p) => p.x))).toBeLessThanOrEqual(width + SLACK);
    expect(Math.max(...points.map((p) => p.y))).toBeLessThanOrEqual(height + SLACK);
  });

  test("reaches all four sides of its box", () => {
    const { width, height } = kindOf(type);
    const { points } = trace(drawingOf(type, width, height).outline);
    expect(Math.min(...points.map((p) => p.x))).toBeLessThan(2);
    expect(Math.max(...points.map((p) => p.x))).toBeGreaterThan(width - 2);
    expect(Math.max(...points.map((p) => p.y))).toBeGreaterThan(height * 0.9);
  });

  test("has its ports on its outline", () => {
    const { width, height } = kindOf(type);
    const { outline, ports } = drawingOf(type, width, height);
    const { points } = trace(outline);
    for (const side of SIDES) {
      const { x, y } = ports[side];
      expect(distanceTo(points, x, y), `${side} of ${type}`).toBeLessThan(height * 0.12);
    }
  });

  test("has details inside its box", () => {
    const { width, height } = kindOf(type);
    const { points } = trace(`${drawingOf(type, width, height).detail || "M 0 0"} Z`);
    for (const { x, y } of points) {
      expect(x).toBeGreaterThanOrEqual(-SLACK);
      expect(x).toBeLessThanOrEqual(width + SLACK);
      expect(y).toBeGreaterThanOrEqual(-SLACK);
      expect(y).toBeLessThanOrEqual(height + SLACK);
    }
  });
});

/** From a point to the nearest straight piece between two traced ones. */
function distanceTo(points: readonly Point[], x: number, y: number): number {
  const distances = points.slice(1).map((b, i) => {
    const a = points[i] ?? b;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = dx * dx + dy * dy;
    const t =
      length === 0 ? 0 : Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / length));
    return Math.hypot(a.x + t * dx - x, a.y + t * dy - y);
  });
  return Math.min(...distances);
}

test("an unknown type is drawn as a box, named as it is", () => {
  expect(isKnownType("mystery")).toBe(false);
  expect(trace(drawingOf("mystery", 100, 50).outline).closed).toBe(true);
  expect(isKnownType("__proto__")).toBe(false);
  expect(kindOf("constructor").label).toBe("Unknown");
});

describe("a node that nobody has named", () => {
  test("is called after its shape, whichever it is", () => {
    for (const { type, label } of NODE_KINDS) {
      expect(isUnnamed({ type, data: { label } })).toBe(true);
    }
  });

  test.each([
    ["another text", { type: "process", data: { label: "Pack" } }],
    ["another shape's name", { type: "process", data: { label: "Decision" } }],
    ["a type of nobody's", { type: "weird", data: { label: kindOf("weird").label } }],
    ["a node that is gone", undefined],
  ])("is not %s", (_, element) => {
    expect(isUnnamed(element)).toBe(false);
  });
});
