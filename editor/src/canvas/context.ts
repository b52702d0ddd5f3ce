import type { DiagramView } from "@diagramai/client";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { Marks, MarksStore, MarkTarget } from "./marks.ts";
import type { CanvasModel } from "./model.ts";

/** What every node and edge of one canvas shares. Never changes while the canvas lives. */
export interface CanvasShared {
  readonly model: CanvasModel;
  readonly marks: MarksStore;
}

export const CanvasContext = createContext<CanvasShared | null>(null);

export function useCanvas(): CanvasShared {
  const shared = useContext(CanvasContext);
  if (shared === null) throw new Error("Only inside a canvas.");
  return shared;
}

/** What others do at one element. */
export function useMarks(target: MarkTarget, id: string): Marks {
  const { marks } = useCanvas();
  return useSyncExternalStore(marks.subscribe, () => marks.of(target, id));
}

export function useIsEditing(target: MarkTarget, id: string): boolean {
  const { model } = useCanvas();
  return useSyncExternalStore(model.subscribe, () => model.isEditing(target, id));
}

/** Whether an edge is being drawn, so that all nodes offer their ports. */
export function useIsConnecting(): boolean {
  const { model } = useCanvas();
  return useSyncExternalStore(model.subscribe, () => model.getState().connecting);
}

/** Whether this node and no other is selected. */
export function useIsAlone(id: string): boolean {
  const { model } = useCanvas();
  return useSyncExternalStore(model.subscribe, () => {
    const { nodes } = model.getState().selection;
    return nodes.size === 1 && nodes.has(id);
  });
}

export function useLiveView(): DiagramView {
  const { model } = useCanvas();
  const { live } = model;
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(subscribe, () => live.getSnapshot());
}
