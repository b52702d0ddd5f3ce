/** Sentences for the person, from wherever on a page something could not be done. */
import { useSyncExternalStore } from "react";

/** Sentences kept at once; the oldest gives way. */
export const MAX_TOLD = 3;

export interface Told {
  readonly id: number;
  readonly text: string;
}

let told: readonly Told[] = [];
let ids = 0;
const listeners = new Set<() => void>();

function replace(next: readonly Told[]): void {
  told = next;
  for (const listener of listeners) listener();
}

/** Shows a sentence until it is dismissed. One that is shown already is not shown twice. */
export function tell(text: string): void {
  ids += 1;
  const others = told.filter((each) => each.text !== text);
  replace([...others, { id: ids, text }].slice(-MAX_TOLD));
}

export function dismissTold(id: number): void {
  replace(told.filter((each) => each.id !== id));
}

/** Does something that may be refused, and tells why if it is. Returns whether it was done. */
export function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    tell(error.message);
    return false;
  }
}

/** What is told just now, oldest first. */
export function readTold(): readonly Told[] {
  return told;
}

export function useTold(): readonly Told[] {
  return useSyncExternalStore(subscribe, readTold);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
