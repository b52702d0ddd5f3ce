/** The colours of an element: what it brings along, as far as it is safe to hand to the browser. */
import { type Element, type JsonObject, valueAt } from "@diagramai/client";
import { lengthAt, numberAt, objectAt, stringAt } from "./fields.ts";

/** What differs from the look of the type; `undefined` where the type's own holds. */
export interface Look {
  readonly fill?: string;
  readonly stroke?: string;
  readonly ink?: string;
  readonly strokeWidth?: number;
  readonly dash?: string;
  readonly opacity?: number;
}

/** Hex, a name, or a colour function of numbers: never a `url()` or a `var()`. */
const COLOUR =
  /^(#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,24}|(rgba?|hsla?|hwb|lab|lch|oklab|oklch)\([\d\s.,%/+-]{1,60}(deg)?[\d\s.,%/+-]{0,60}\))$/i;
const BORDER = /^(\d{1,3}(?:\.\d{1,3})?)px\s+(solid|dashed|dotted)\s+(\S.{0,80})$/i;
const KEYWORDS = new Set(["none", "inherit", "initial", "unset", "revert", "currentcolor"]);
const DASHES: Readonly<Record<string, string>> = { dashed: "6 4", dotted: "2 3" };
/** Pixels. */
const MAX_STROKE = 20;
/** How much of `data.color` is in the fill; the rest is the page's. */
const TINT = "16%";

/** The value if it is a colour that loads nothing. */
export function safeColour(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const trimmed = value.trim();
  return COLOUR.test(trimmed) && !KEYWORDS.has(trimmed.toLowerCase()) ? trimmed : undefined;
}

const known = new WeakMap<Element, Look>();

/** The look of a node. */
export function lookOf(element: Element): Look {
  const found = known.get(element);
  if (found !== undefined) return found;
  const look = withoutGaps(computeLook(element));
  known.set(element, look);
  return look;
}

type Gaps = { [K in keyof Look]: Look[K] | undefined };

function computeLook(element: Element): Gaps {
  const style = objectAt(element, "style");
  const accent = safeColour(valueAt(objectAt(element, "data"), "color"));
  const own = colourIn(style, "backgroundColor", "background", "fill");
  const border = borderIn(style);
  const tinted =
    accent === undefined ? undefined : `color-mix(in srgb, ${accent} ${TINT}, var(--card))`;
  return {
    fill: own ?? tinted,
    stroke: colourIn(style, "borderColor", "stroke") ?? border.stroke ?? accent,
    ink: colourIn(style, "color") ?? (own === undefined ? undefined : readableOn(own)),
    strokeWidth: width(
      lengthAt(style, "borderWidth") ?? lengthAt(style, "strokeWidth") ?? border.width,
    ),
    dash: DASHES[stringAt(style, "borderStyle") ?? ""] ?? border.dash ?? dashIn(style),
    opacity: share(numberAt(style, "opacity")),
  };
}

/** The look of an edge: its line's colour, width and dashes. */
export function edgeLookOf(element: Element): Look {
  const style = objectAt(element, "style");
  return withoutGaps({
    stroke: colourIn(style, "stroke") ?? safeColour(valueAt(objectAt(element, "data"), "color")),
    strokeWidth: width(lengthAt(style, "strokeWidth")),
    dash: dashIn(style),
    opacity: share(numberAt(style, "opacity")),
  });
}

function withoutGaps(look: Gaps): Look {
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== undefined));
}

function colourIn(style: JsonObject, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const colour = safeColour(valueAt(style, key));
    if (colour !== undefined) return colour;
  }
  return undefined;
}

function borderIn(style: JsonObject) {
  const [, pixels, kind = "", colour] = BORDER.exec(stringAt(style, "border") ?? "") ?? [];
  return {
    width: pixels === undefined ? undefined : Number.parseFloat(pixels),
    dash: DASHES[kind.toLowerCase()],
    stroke: safeColour(colour),
  };
}

function dashIn(style: JsonObject): string | undefined {
  const value = valueAt(style, "strokeDasharray");
  if (typeof value === "number" && value > 0) return String(value);
  return typeof value === "string" && /^[\d\s.,]{1,40}$/.test(value) ? value : undefined;
}

function width(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(MAX_STROKE, Math.max(0, value));
}

function share(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(1, Math.max(0, value));
}

const DARK_INK = "#1d2433";
const LIGHT_INK = "#ffffff";
const NAMED: Readonly<Record<string, string>> = {
  white: "#ffffff",
  black: "#000000",
  red: "#ff0000",
  green: "#008000",
  blue: "#0000ff",
  yellow: "#ffff00",
  orange: "#ffa500",
  purple: "#800080",
  pink: "#ffc0cb",
  gray: "#808080",
  grey: "#808080",
  cyan: "#00ffff",
  magenta: "#ff00ff",
  lime: "#00ff00",
  navy: "#000080",
  teal: "#008080",
  maroon: "#800000",
  olive: "#808000",
  silver: "#c0c0c0",
  gold: "#ffd700",
  lightblue: "#add8e6",
  lightgreen: "#90ee90",
  lightyellow: "#ffffe0",
  lightgray: "#d3d3d3",
  lightgrey: "#d3d3d3",
  lightpink: "#ffb6c1",
  lavender: "#e6e6fa",
  beige: "#f5f5dc",
  skyblue: "#87ceeb",
  salmon: "#fa8072",
  tomato: "#ff6347",
  coral: "#ff7f50",
  khaki: "#f0e68c",
};

/** Black or white ink, whichever is easier to read on the colour; `undefined` where it is not known. */
export function readableOn(colour: string): string | undefined {
  const rgb = rgbOf(NAMED[colour.toLowerCase()] ?? colour);
  if (rgb === null) return undefined;
  const [r, g, b] = rgb.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
  // Where the contrast with both inks is the same.
  return luminance > 0.19 ? DARK_INK : LIGHT_INK;
}

function rgbOf(colour: string): number[] | null {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(colour)?.[1];
  if (hex !== undefined) {
    const wide = hex.length >= 6 ? hex : [...hex].map((digit) => digit + digit).join("");
    return [0, 2, 4].map((at) => Number.parseInt(wide.slice(at, at + 2), 16));
  }
  const parts =
    /^rgba?\(([^)]*)\)$/i
      .exec(colour)?.[1]
      ?.split(/[\s,/]+/)
      .filter(Boolean) ?? [];
  const numbers = parts.slice(0, 3).map((part) => Number.parseFloat(part));
  return numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
}
