/** The canvas: a live diagram to look at and to draw in. */
export { Canvas, type CanvasProps, LARGE } from "./Canvas.tsx";
export { KEYS } from "./keys.ts";
export { NODE_KINDS, type NodeKind } from "./shapeTable.ts";
export { nodeSize, type Size } from "./sizes.ts";
export type { CanvasHandle, FocusRequest } from "./usePageWishes.ts";
