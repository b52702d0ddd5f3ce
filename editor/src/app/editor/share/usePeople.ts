import { useEffect, useState } from "react";
import { findPeople, type Person } from "../../api/sharing.ts";

/** Pause in typing after which people are looked for, in ms. */
const PAUSE_MS = 250;
const NOBODY: readonly Person[] = [];

/** People that may be meant by what is typed. Nobody where they cannot be had: one can type on. */
export function usePeople(text: string): readonly Person[] {
  const [found, setFound] = useState(NOBODY);
  useEffect(() => {
    if (text === "") {
      setFound(NOBODY);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      findPeople(text, stop.signal).then(setFound, () => setFound(NOBODY));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return found;
}
