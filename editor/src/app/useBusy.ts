import { useRef, useState } from "react";
import { tell } from "./telling.ts";
import { sentenceOf } from "./words/failure.ts";

/** One piece of work at a time; why it failed is told. */
export function useBusy(): { busy: boolean; run: (work: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      tell(sentenceOf(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, run: (work) => void run(work) };
}
