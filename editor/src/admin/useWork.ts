import { useRef, useState } from "react";
import { sentenceOf } from "../app/words/failure.ts";

export interface Work {
  readonly busy: boolean;
  /** Why the last piece failed; null where it did not. */
  readonly error: string | null;
  readonly run: (work: () => Promise<void>) => void;
}

/** One piece of work at a time; why it failed is kept. */
export function useWork(): Work {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const running = useRef(false);
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (reason) {
      setError(sentenceOf(reason));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, error, run: (work) => void run(work) };
}
