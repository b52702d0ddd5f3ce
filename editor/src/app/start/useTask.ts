import { useRef, useState } from "react";

export interface Task {
  readonly running: boolean;
  /** Why the last run failed; null where it did not. */
  readonly error: string | null;
  readonly run: () => void;
}

/** Runs one piece of work at a time and keeps the reason where it fails. */
export function useTask(work: () => Promise<void>): Task {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const busy = useRef(false);
  const run = async (): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setRunning(true);
    setError(null);
    try {
      await work();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : "That did not work.");
    } finally {
      busy.current = false;
      setRunning(false);
    }
  };
  return { running, error, run: () => void run() };
}
