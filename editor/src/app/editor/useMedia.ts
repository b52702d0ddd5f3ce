import { useSyncExternalStore } from "react";

/** Below this width, in CSS pixels, panels are sheets. The same number stands in editor.css. */
export const NARROW_PX = 800;

/** Whether the window is narrow, now and as it changes. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}

function query(): MediaQueryList {
  return matchMedia(`(max-width: ${NARROW_PX}px)`);
}

function subscribe(listener: () => void): () => void {
  const list = query();
  list.addEventListener("change", listener);
  return () => list.removeEventListener("change", listener);
}
