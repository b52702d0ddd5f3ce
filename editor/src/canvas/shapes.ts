/** The outlines of all node types as SVG paths (M, L, C and Z only), and where edges meet them. */

export const SIDES = ["top", "right", "bottom", "left"] as const;
export type Side = (typeof SIDES)[number];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is drawn for a node of one type and size, in its own pixels from (0, 0). */
export interface Drawing {
  /** Closed; filled and stroked. */
  readonly outline: string;
  /** Lines on top of it, not filled; "" for none. */
  readonly detail: string;
  /** Where edges begin and end, by side. */
  readonly ports: Readonly<Record<Side, Point>>;
}

type Shape = (
  w: number,
  h: number,
) => { outline: string; detail?: string; ports?: Partial<Record<Side, Point>> };

/** Bézier control distance for a quarter of an ellipse. */
const K = 0.5523;

/** A path with its numbers rounded to hundredths of a pixel. */
function path(words: TemplateStringsArray, ...numbers: readonly number[]): string {
  const parts = words.map((word, i) => `${word}${rounded2(numbers[i])}`);
  return parts.join("").replace(/\s+/g, " ").trim();
}

function rounded2(value: number | undefined): string {
  return value === undefined ? "" : String(Math.round(value * 100) / 100);
}

function polygon(...points: readonly (readonly [number, number])[]): string {
  const steps = points.map(([x, y], i) => (i === 0 ? path`M ${x} ${y}` : path`L ${x} ${y}`));
  return `${steps.join(" ")} Z`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return path`M ${x1} ${y1} L ${x2} ${y2}`;
}

/** An ellipse in the box from (x, y). */
function oval(x: number, y: number, w: number, h: number): string {
  const [rx, ry, cx, cy] = [w / 2, h / 2, x + w / 2, y + h / 2];
  const [kx, ky] = [rx * K, ry * K];
  return path`M ${x} ${cy} C ${x} ${cy - ky} ${cx - kx} ${y} ${cx} ${y}
    C ${cx + kx} ${y} ${x + w} ${cy - ky} ${x + w} ${cy}
    C ${x + w} ${cy + ky} ${cx + kx} ${y + h} ${cx} ${y + h}
    C ${cx - kx} ${y + h} ${x} ${cy + ky} ${x} ${cy} Z`;
}

function rounded(x: number, y: number, w: number, h: number, radius: number): string {
  const r = Math.min(radius, w / 2, h / 2);
  const k = r * (1 - K);
  const [right, bottom] = [x + w, y + h];
  return path`M ${x + r} ${y} L ${right - r} ${y}
    C ${right - k} ${y} ${right} ${y + k} ${right} ${y + r} L ${right} ${bottom - r}
    C ${right} ${bottom - k} ${right - k} ${bottom} ${right - r} ${bottom}
    L ${x + r} ${bottom} C ${x + k} ${bottom} ${x} ${bottom - k} ${x} ${bottom - r}
    L ${x} ${y + r} C ${x} ${y + k} ${x + k} ${y} ${x + r} ${y} Z`;
}

/** Corners of plain boxes, in pixels. */
const CORNER = 6;

const box: Shape = (w, h) => ({ outline: rounded(0, 0, w, h, CORNER) });
const sharpBox: Shape = (w, h) => ({ outline: rounded(0, 0, w, h, 2) });
const pill: Shape = (w, h) => ({ outline: rounded(0, 0, w, h, h / 2) });
const ellipse: Shape = (w, h) => ({ outline: oval(0, 0, w, h) });
const diamond: Shape = (w, h) => ({
  outline: polygon([w / 2, 0], [w, h / 2], [w / 2, h], [0, h / 2]),
});

const parallelogram: Shape = (w, h) => {
  const s = Math.min(w * 0.12, h * 0.5);
  return {
    outline: polygon([s, 0], [w, 0], [w - s, h], [0, h]),
    ports: { left: { x: s / 2, y: h / 2 }, right: { x: w - s / 2, y: h / 2 } },
  };
};

/** The same, leaning the other way. */
const leaning: Shape = (w, h) => {
  const s = Math.min(w * 0.12, h * 0.5);
  return {
    outline: polygon([0, 0], [w - s, 0], [w, h], [s, h]),
    ports: { left: { x: s / 2, y: h / 2 }, right: { x: w - s / 2, y: h / 2 } },
  };
};

const manualOperation: Shape = (w, h) => {
  const s = w * 0.12;
  return {
    outline: polygon([0, 0], [w, 0], [w - s, h], [s, h]),
    ports: { left: { x: s / 2, y: h / 2 }, right: { x: w - s / 2, y: h / 2 } },
  };
};

const manualInput: Shape = (w, h) => ({
  outline: polygon([0, h * 0.3], [w, 0], [w, h], [0, h]),
  ports: { top: { x: w / 2, y: h * 0.15 } },
});

const hexagon: Shape = (w, h) => {
  const s = Math.min(w * 0.16, h * 0.5);
  return { outline: polygon([s, 0], [w - s, 0], [w, h / 2], [w - s, h], [s, h], [0, h / 2]) };
};

const extract: Shape = (w, h) => ({
  outline: polygon([w / 2, 0], [w, h], [0, h]),
  ports: { left: { x: w / 4, y: h / 2 }, right: { x: (w * 3) / 4, y: h / 2 } },
});

const offPage: Shape = (w, h) => ({
  outline: polygon([0, 0], [w, 0], [w, h * 0.68], [w / 2, h], [0, h * 0.68]),
});

const delay: Shape = (w, h) => {
  const r = Math.min(h / 2, w / 2);
  const k = r * K;
  return {
    outline: path`M 0 0 L ${w - r} 0 C ${w - r + k} 0 ${w} ${h / 2 - (h / 2) * K} ${w} ${h / 2}
    C ${w} ${h / 2 + (h / 2) * K} ${w - r + k} ${h} ${w - r} ${h} L 0 ${h} Z`,
  };
};

/** A cylinder; `lid` is the height of half its lid. */
function cylinder(w: number, h: number, lid: number): { outline: string; rim: string } {
  const [rx, k] = [w / 2, (w / 2) * K];
  const outline = path`M 0 ${lid} C 0 ${lid - lid * K} ${rx - k} 0 ${rx} 0
    C ${rx + k} 0 ${w} ${lid - lid * K} ${w} ${lid} L ${w} ${h - lid}
    C ${w} ${h - lid + lid * K} ${rx + k} ${h} ${rx} ${h}
    C ${rx - k} ${h} 0 ${h - lid + lid * K} 0 ${h - lid} Z`;
  return { outline, rim: arc(w, lid, lid) };
}

/** The lower half of an ellipse as wide as the node, from (0, y) to (w, y). */
function arc(w: number, y: number, depth: number): string {
  const [rx, k] = [w / 2, (w / 2) * K];
  return path`M 0 ${y} C 0 ${y + depth * K} ${rx - k} ${y + depth} ${rx} ${y + depth}
    C ${rx + k} ${y + depth} ${w} ${y + depth * K} ${w} ${y}`;
}

const database: Shape = (w, h) => {
  const lid = h * 0.11;
  const { outline, rim } = cylinder(w, h, lid);
  return { outline, detail: rim };
};

const router: Shape = (w, h) => {
  const lid = h * 0.16;
  const { outline, rim } = cylinder(w, h, lid);
  const [dx, dy] = [w * 0.16, lid * 0.5];
  const [cx, cy] = [w / 2, lid];
  const cross = `${line(cx - dx, cy - dy, cx + dx, cy + dy)} ${line(cx - dx, cy + dy, cx + dx, cy - dy)}`;
  return { outline, detail: `${rim} ${cross}` };
};

/** The waved lower edge of a sheet in the box from (x, y), from its right to its left side. */
function wave(x: number, y: number, w: number, h: number): string {
  const a = h * 0.12;
  const low = y + h - a;
  return path`L ${x + w} ${low}
    C ${x + w * 0.75} ${low - a * 1.3} ${x + w * 0.6} ${low - a * 0.4} ${x + w / 2} ${low}
    C ${x + w * 0.36} ${low + a * 0.6} ${x + w * 0.2} ${low + a * 1.3} ${x} ${low + a * 0.3}`;
}

const document: Shape = (w, h) => ({
  outline: `${path`M 0 0 L ${w} 0`} ${wave(0, 0, w, h)} Z`,
  ports: { bottom: { x: w / 2, y: h * 0.88 } },
});

/** Three sheets, of which the front one hides all but the edges of those behind it. */
const documents: Shape = (w, h) => {
  const s = Math.min(w * 0.07, h * 0.1);
  const [front, height] = [w - 2 * s, h - 2 * s];
  const [low, step] = [height * 0.88, front + s];
  const behind = path`L ${s} ${2 * s} L ${s} ${s} L ${2 * s} ${s} L ${2 * s} 0 L ${w} 0
    L ${w} ${low} L ${step} ${low} L ${step} ${low + s} L ${front} ${low + s}`;
  const outline = `${path`M 0 ${2 * s}`} ${behind} ${wave(0, 2 * s, front, height)} Z`;
  const edges = path`M ${2 * s} ${s} L ${step} ${s} L ${step} ${low}
    M ${s} ${2 * s} L ${front} ${2 * s} L ${front} ${low + s}`;
  return {
    outline,
    detail: edges,
    ports: { bottom: { x: front / 2, y: 2 * s + low } },
  };
};

const note: Shape = (w, h) => {
  const f = Math.min(16, w * 0.3, h * 0.3);
  return {
    outline: polygon([0, 0], [w - f, 0], [w, f], [w, h], [0, h]),
    detail: path`M ${w - f} 0 L ${w - f} ${f} L ${w} ${f}`,
  };
};

const storedData: Shape = (w, h) => {
  const d = Math.min(w * 0.1, h * 0.3);
  return {
    outline: path`M ${d} 0 L ${w} 0 C ${w - d * 1.33} ${h * 0.2} ${w - d * 1.33} ${h * 0.8} ${w} ${h}
    L ${d} ${h} C ${-d * 0.33} ${h * 0.8} ${-d * 0.33} ${h * 0.2} ${d} 0 Z`,
    ports: { right: { x: w - d, y: h / 2 } },
  };
};

const internalStorage: Shape = (w, h) => ({
  outline: rounded(0, 0, w, h, 2),
  detail: `${line(w * 0.1, 0, w * 0.1, h)} ${line(0, h * 0.17, w, h * 0.17)}`,
});

const predefined: Shape = (w, h) => ({
  outline: rounded(0, 0, w, h, 2),
  detail: `${line(w * 0.08, 0, w * 0.08, h)} ${line(w * 0.92, 0, w * 0.92, h)}`,
});

/** A reel of tape: a circle with its end running out at the bottom. */
const sequential: Shape = (w, h) => ({
  outline: oval(0, 0, w, h),
  detail: line(w / 2, h, w, h),
});

const server: Shape = (w, h) => {
  const [first, second] = [h * 0.17, h * 0.34];
  const slots = `${line(0, first, w, first)} ${line(0, second, w, second)}`;
  const lamps = [first, second].map((y) => {
    const d = h * 0.05;
    return oval(w - h * 0.14, y - h * 0.11, d, d);
  });
  return { outline: rounded(0, 0, w, h, CORNER), detail: `${slots} ${lamps.join(" ")}` };
};

/** Curly braces at both ends. */
const api: Shape = (w, h) => {
  const [near, far, q] = [w * 0.045, w * 0.085, h * 0.18];
  const brace = (a: number, b: number) => {
    const m = (a + b) / 2;
    return path`M ${b} ${q} C ${m} ${q} ${m} ${q} ${m} ${h * 0.32} L ${m} ${h * 0.42}
    C ${m} ${h * 0.48} ${m} ${h * 0.5} ${a} ${h / 2}
    C ${m} ${h * 0.5} ${m} ${h * 0.52} ${m} ${h * 0.58} L ${m} ${h * 0.68}
    C ${m} ${h - q} ${m} ${h - q} ${b} ${h - q}`;
  };
  return {
    outline: rounded(0, 0, w, h, CORNER),
    detail: `${brace(near, far)} ${brace(w - near, w - far)}`,
  };
};

const cloud: Shape = (w, h) => ({
  outline: path`M ${w * 0.22} ${h} C ${w * 0.08} ${h} 0 ${h * 0.88} 0 ${h * 0.72}
    C 0 ${h * 0.56} ${w * 0.07} ${h * 0.44} ${w * 0.17} ${h * 0.42}
    C ${w * 0.16} ${h * 0.2} ${w * 0.3} ${h * 0.06} ${w * 0.44} ${h * 0.14}
    C ${w * 0.52} ${-h * 0.05} ${w * 0.8} ${-h * 0.04} ${w * 0.82} ${h * 0.3}
    C ${w * 0.94} ${h * 0.32} ${w} ${h * 0.46} ${w} ${h * 0.66}
    C ${w} ${h * 0.86} ${w * 0.92} ${h} ${w * 0.78} ${h} Z`,
  ports: { top: { x: w * 0.5, y: h * 0.06 } },
});

/** A head over shoulders. */
const user: Shape = (w, h) => {
  const r = Math.min(h * 0.2, w * 0.25);
  const top = Math.min(h * 0.44, 2 * r + 3);
  const bend = Math.min(w * 0.3, (h - top) * 0.8);
  return {
    outline: `${oval(w / 2 - r, 0, 2 * r, 2 * r)} ${path`M 0 ${h} L 0 ${top + bend}
    C 0 ${top + bend * (1 - K)} ${bend * (1 - K)} ${top} ${bend} ${top}
    L ${w - bend} ${top}
    C ${w - bend * (1 - K)} ${top} ${w} ${top + bend * (1 - K)} ${w} ${top + bend}
    L ${w} ${h} Z`}`,
    ports: { left: { x: 0, y: h * 0.78 }, right: { x: w, y: h * 0.78 } },
  };
};

const group: Shape = (w, h) => ({ outline: rounded(0, 0, w, h, 10) });

const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["start", pill],
  ["end", pill],
  ["process", box],
  ["decision", diamond],
  ["predefined-process", predefined],
  ["manual-operation", manualOperation],
  ["delay", delay],
  ["connector", ellipse],
  ["off-page-connector", offPage],
  ["extract", extract],
  ["input", parallelogram],
  ["output", leaning],
  ["manual-input", manualInput],
  ["document", document],
  ["multiple-documents", documents],
  ["note", note],
  ["database", database],
  ["stored-data", storedData],
  ["internal-storage", internalStorage],
  ["sequential-data", sequential],
  ["server", server],
  ["router", router],
  ["api", api],
  ["cloud", cloud],
  ["user", user],
  ["rectangle", sharpBox],
  ["default", box],
  ["circle", ellipse],
  ["ellipse", ellipse],
  ["diamond", diamond],
  ["hexagon", hexagon],
  ["group", group],
]);

/** Drawings that are remembered; most nodes of a diagram share a few sizes. */
const MAX_REMEMBERED = 2_000;
const remembered = new Map<string, Drawing>();

/** The drawing of a node of this type and size in pixels; unknown types get a box. */
export function drawingOf(type: string, width: number, height: number): Drawing {
  const key = `${width} ${height} ${type}`;
  const found = remembered.get(key);
  if (found !== undefined) return found;
  const { outline, detail = "", ports } = (shapes.get(type) ?? box)(width, height);
  const drawing = { outline, detail, ports: { ...middles(width, height), ...ports } };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, drawing);
  return drawing;
}

function middles(w: number, h: number): Record<Side, Point> {
  return {
    top: { x: w / 2, y: 0 },
    right: { x: w, y: h / 2 },
    bottom: { x: w / 2, y: h },
    left: { x: 0, y: h / 2 },
  };
}
