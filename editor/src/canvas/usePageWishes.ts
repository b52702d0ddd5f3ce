import type { ReactFlowInstance } from "@xyflow/react";
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef } from "react";
import type { FlowEdge, FlowNode } from "./flow.ts";
import type { CanvasModel, Selection } from "./model.ts";
import { withinReach } from "./reach.ts";

export type Flow = ReactFlowInstance<FlowNode, FlowEdge>;

/** How everything is brought into view: with some room around it, not larger than life. */
export const FIT = { padding: 0.15, maxZoom: 1, duration: 0 } as const;

export const MIN_ZOOM = 0.05;

/** Brings the diagram into view; of one that is too far spread for that, its bulk. */
export function fitAll(model: CanvasModel, flow: Flow): void {
  const stage = document.querySelector(".cv-stage")?.getBoundingClientRect();
  const [width, height] = [stage?.width ?? 0, stage?.height ?? 0];
  const room = (1 - 2 * FIT.padding) / MIN_ZOOM;
  const ids = withinReach(model.builder.rects(), width * room, height * room);
  void flow.fitView({ ...FIT, minZoom: MIN_ZOOM, nodes: ids.map((id) => ({ id })) });
}

/** What the page can ask of the canvas. */
export interface CanvasHandle {
  /** Selects these nodes and brings them into view. */
  focus(nodes: readonly string[], edges?: readonly string[]): void;
  fitView(): void;
  /** Adds a node of this type to the middle of the view. Returns its id; `null` where it could not be. */
  addNode(type: string): string | null;
}

/** A wish of the page to show something; another `request` is another wish. */
export interface FocusRequest {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
  readonly request: number;
}

export interface PageWishes {
  readonly focus?: FocusRequest | null;
  readonly onSelectionChange?: (selection: { nodes: string[]; edges: string[] }) => void;
  readonly ref?: Ref<CanvasHandle>;
}

/** What the page asks for, and what it is told. */
export function usePageWishes(
  props: PageWishes,
  model: CanvasModel,
  flow: Flow,
  addNode: (type: string) => string | null,
): void {
  const { focus, ref, onSelectionChange } = props;
  const show = useCallback(
    (nodes: readonly string[], edges: readonly string[] = []) =>
      showElements(model, flow, nodes, edges),
    [model, flow],
  );
  useImperativeHandle(ref, () => ({ focus: show, fitView: () => fitAll(model, flow), addNode }), [
    show,
    model,
    flow,
    addNode,
  ]);
  const request = focus?.request;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new request is a new wish.
  useEffect(() => {
    if (focus !== null && focus !== undefined) show(focus.nodes, focus.edges);
  }, [request, show]);
  const told = useRef(onSelectionChange);
  told.current = onSelectionChange;
  useEffect(() => {
    let selection: Selection | null = null;
    return model.subscribe(() => {
      const next = model.getState().selection;
      if (next === selection) return;
      selection = next;
      told.current?.({ nodes: [...next.nodes], edges: [...next.edges] });
    });
  }, [model]);
}

function showElements(
  model: CanvasModel,
  flow: Flow,
  nodes: readonly string[],
  edges: readonly string[],
): void {
  const { diagram } = model.view;
  const there = nodes.filter((id) => diagram.nodes.has(id));
  const lines = edges.filter((id) => diagram.edges.has(id));
  model.select(there, lines);
  const ends = lines.flatMap((id) => {
    const edge = diagram.edges.get(id);
    return [edge?.source, edge?.target].filter((end) => typeof end === "string");
  });
  const shown = [...new Set([...there, ...ends])].map((id) => ({ id }));
  if (shown.length > 0) void flow.fitView({ ...FIT, padding: 0.4, duration: 250, nodes: shown });
}
