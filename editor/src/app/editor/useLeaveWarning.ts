import type { DiagramView } from "@diagramai/client";
import { useEffect } from "react";

/** Whether closing the page now would lose something: edits that neither server nor browser hold. */
export function wouldLose(view: Pick<DiagramView, "unsentCount" | "saving" | "stored">): boolean {
  return !view.stored && (view.saving || view.unsentCount > 0);
}

/** The browser asks before the page is closed, only while something would be lost. */
export function useLeaveWarning(view: DiagramView): void {
  const warn = wouldLose(view);
  useEffect(() => {
    if (!warn) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [warn]);
}
