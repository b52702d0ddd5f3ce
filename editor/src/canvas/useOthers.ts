import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { useEffect, useLayoutEffect, useMemo, useReducer } from "react";
import type { Box } from "./flow.ts";
import { MarksStore } from "./marks.ts";
import { PeerPreviews } from "./previews.ts";

/** Of an agent that edited and is not here. */
const ABSENT_AGENT = "var(--agent)";

/** What others are doing: their marks at elements, and where they are dragging nodes to. */
export function useOthers(
  live: LiveDiagram,
  view: DiagramView,
): { marks: MarksStore; boxes: ReadonlyMap<string, Box> } {
  const { marks, previews } = useMemo(
    () => ({ live, marks: new MarksStore(), previews: new PeerPreviews() }),
    [live],
  );
  const [turn, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(
    () =>
      live.on("operation", (a, origin) => {
        if (origin !== "remote") return;
        marks.applied(a);
        const before = previews.boxes;
        previews.applied(a);
        if (previews.boxes !== before) redraw();
      }),
    [live, marks, previews],
  );
  useLayoutEffect(() => {
    const before = previews.boxes;
    const now = performance.now();
    previews.update(view.peers, now);
    marks.update(view, now, ABSENT_AGENT);
    if (previews.boxes !== before) redraw();
  }, [view, marks, previews]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next time is another one after each of these.
  useEffect(() => {
    const times = [previews.nextExpiry, marks.nextExpiry].filter((time) => time !== null);
    if (times.length === 0) return;
    const timer = setTimeout(
      () => {
        const now = performance.now();
        previews.expire(now);
        marks.update(live.getSnapshot(), now, ABSENT_AGENT);
        redraw();
      },
      Math.max(0, Math.min(...times) - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [view, turn, live, marks, previews]);
  return { marks, boxes: previews.boxes };
}
