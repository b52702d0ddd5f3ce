import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { theConnection } from "../connection.ts";

/** Opens the diagram while the component is there; null until that has happened. */
export function useLiveDiagram(id: string): LiveDiagram | null {
  const [live, setLive] = useState<LiveDiagram | null>(null);
  useEffect(() => {
    const opened = theConnection().open(id);
    setLive(opened);
    globalThis.diagramai.live = opened;
    return () => {
      opened.close();
      if (globalThis.diagramai.live === opened) globalThis.diagramai.live = null;
    };
  }, [id]);
  return live;
}

export function useView(live: LiveDiagram): DiagramView {
  return useSyncExternalStore(
    (listener) => live.subscribe(listener),
    () => live.getSnapshot(),
  );
}
