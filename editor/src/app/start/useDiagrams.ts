import { useCallback, useEffect, useState } from "react";
import { listDiagrams, type Page } from "../api/diagrams.ts";
import { isSignedOut } from "../api/http.ts";

export interface DiagramList {
  /** The last page that arrived; null before the first. */
  readonly page: Page | null;
  readonly loading: boolean;
  /** Why the last attempt failed; null where it did not. */
  readonly error: string | null;
  readonly reload: () => void;
}

/** One page of the list, asked for anew whenever the arguments change, and when the window is looked at again. */
export function useDiagrams(
  page: number,
  filter: string,
  onSignedOut: () => void,
  inTrash = false,
): DiagramList {
  const [attempt, setAttempt] = useState(0);
  const [result, setResult] = useState<Omit<DiagramList, "reload">>({
    page: null,
    loading: true,
    error: null,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt asks anew
  useEffect(() => {
    const stop = new AbortController();
    setResult((before) => ({ ...before, loading: true, error: null }));
    listDiagrams(page, filter, stop.signal, inTrash).then(
      (found) => setResult({ page: found, loading: false, error: null }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (isSignedOut(error)) onSignedOut();
        else setResult((before) => ({ ...before, loading: false, error: sentence(error) }));
      },
    );
    return () => stop.abort();
  }, [page, filter, inTrash, attempt, onSignedOut]);
  const reload = useCallback(() => setAttempt((number) => number + 1), []);
  useOnReturn(reload);
  return { ...result, reload };
}

/** Others change diagrams while this tab lies behind another. */
function useOnReturn(reload: () => void): void {
  useEffect(() => {
    const seen = (): void => {
      if (document.visibilityState === "visible") reload();
    };
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [reload]);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : "The list could not be read.";
}
