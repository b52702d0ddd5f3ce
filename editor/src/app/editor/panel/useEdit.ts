import type { LiveDiagram, Operation } from "@diagramai/client";
import { useCallback, useState } from "react";

/** Sends an operation; `refused` says why the last one did not fit, null where it did. */
export function useEdit(live: LiveDiagram): {
  edit: (operation: Operation | null) => void;
  refused: string | null;
} {
  const [refused, setRefused] = useState<string | null>(null);
  const edit = useCallback(
    (operation: Operation | null) => {
      if (operation === null) return;
      try {
        live.edit(operation);
        setRefused(null);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        setRefused(error.message);
      }
    },
    [live],
  );
  return { edit, refused };
}
