/** Keys of the whole editor page, and what the help lists. */
import type { LiveDiagram } from "@diagramai/client";
import { useEffect } from "react";
import { attempt } from "../telling.ts";

export const MAC =
  typeof navigator !== "undefined" && /mac|iphone|ipad/iu.test(navigator.userAgent);
export const COMMAND = MAC ? "⌘" : "Ctrl";

export type Meaning = "undo" | "redo" | null;
type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

export function meaningOf(event: Pressed): Meaning {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" ? "redo" : null;
}

/** Undo and redo wherever nobody types: fields and the canvas look after themselves. */
export function useUndoKeys(live: LiveDiagram): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const meaning = meaningOf(event);
      if (meaning === null || event.defaultPrevented || isEditable(event.target)) return;
      event.preventDefault();
      attempt(() => (meaning === "undo" ? live.undo() : live.redo()));
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [live]);
}

function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}
