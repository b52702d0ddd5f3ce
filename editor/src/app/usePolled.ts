import { useCallback, useEffect, useRef, useState } from "react";
import { type Answer, isSignedOut, requestIfChanged } from "./api/http.ts";
import { sentenceOf } from "./words/failure.ts";

export interface Polled<T> {
  /** The last answer; null before the first. */
  readonly data: T | null;
  /** What is asked now has not been answered yet. */
  readonly loading: boolean;
  /** Why the last attempt failed; null where it did not. */
  readonly error: string | null;
  readonly signedOut: boolean;
  /** Asks at once. */
  readonly reload: () => void;
}

type State<T> = Omit<Polled<T>, "reload">;

/** Asks for a path again and again while the page is looked at; nothing is asked while it is null. */
export function usePolled<T>(
  path: string | null,
  read: (answer: Answer) => T,
  everyMs: number,
): Polled<T> {
  const [state, setState] = useState<State<T>>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt asks anew
  useEffect(() => {
    if (path === null) return;
    setState((before) => ({ ...before, loading: true }));
    return poll(path, everyMs, {
      answered: (answer) => setState({ ...NOTHING, loading: false, data: latest.current(answer) }),
      same: () => setState((before) => ({ ...before, loading: false, error: null })),
      failed: (error) =>
        setState((before) => ({
          ...before,
          loading: false,
          error: sentenceOf(error),
          signedOut: isSignedOut(error),
        })),
    });
  }, [path, everyMs, attempt]);
  const reload = useCallback(() => setAttempt((number) => number + 1), []);
  return { ...state, reload };
}

const NOTHING = { data: null, loading: true, error: null, signedOut: false } as const;

interface Heard {
  answered: (answer: Answer) => void;
  same: () => void;
  failed: (error: unknown) => void;
}

/** Asks at once, then `everyMs` after each answer, and not while nobody looks. Returns what ends it. */
export function poll(path: string, everyMs: number, heard: Heard): () => void {
  const stop = new AbortController();
  let etag: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  const ask = async (): Promise<void> => {
    asking = true;
    clearTimeout(timer);
    try {
      const changed = await requestIfChanged(path, etag, stop.signal);
      if (stop.signal.aborted) return;
      etag = changed.etag;
      if (changed.answer === null) heard.same();
      else heard.answered(changed.answer);
    } catch (error) {
      if (stop.signal.aborted) return;
      etag = null;
      heard.failed(error);
    }
    asking = false;
    if (isLookedAt()) timer = setTimeout(() => void ask(), everyMs);
  };
  const looked = (): void => {
    if (!isLookedAt()) clearTimeout(timer);
    else if (!asking) void ask();
  };
  document.addEventListener("visibilitychange", looked, { signal: stop.signal });
  void ask();
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}

function isLookedAt(): boolean {
  return document.visibilityState === "visible";
}
