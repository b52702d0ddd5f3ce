import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { useEffect, useState } from "react";
import { readPicture } from "../../api/engine.ts";
import { ApiError } from "../../api/http.ts";
import { useShownTheme } from "../../theme.ts";
import { sentenceOf } from "../../words/failure.ts";

/** Rest after an edit, of whomever, before the picture is drawn anew, in ms. */
export const QUIET_MS = 600;

export interface Picture {
  /** Of the last text that could be drawn, as an address; null before the first. */
  readonly address: string | null;
  /** Why the text as it is now cannot be drawn; null where it can be. */
  readonly error: string | null;
  /** Nothing is wrong with the text: it is of a kind that is never drawn. */
  readonly undrawn: boolean;
  /** The text has changed since. */
  readonly waiting: boolean;
}

/** The picture of a Mermaid text, drawn by the server once the text is stored and rests. */
export function usePicture(live: LiveDiagram, view: DiagramView): Picture {
  const theme = useShownTheme();
  const text = textOf(view);
  const [drawn, setDrawn] = useState({ address: "", error: "", undrawn: false, of: "" });
  const wanted = `${theme} ${text}`;
  const ready = view.status === "ready" && !view.saving && text.trim() !== "";
  useEffect(() => {
    if (!ready) return;
    const stop = new AbortController();
    const draw = async (): Promise<void> => {
      try {
        const address = await readPicture(live.id, theme, stop.signal);
        setDrawn({ address, error: "", undrawn: false, of: wanted });
      } catch (error) {
        if (stop.signal.aborted) return;
        const undrawn = error instanceof ApiError && error.code === "mermaid_kind";
        setDrawn((before) => ({ ...before, error: sentenceOf(error), undrawn, of: wanted }));
      }
    };
    const timer = setTimeout(() => void draw(), QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [live, theme, wanted, ready]);
  return {
    address: drawn.address === "" ? null : drawn.address,
    error: drawn.error === "" ? null : drawn.error,
    undrawn: drawn.undrawn,
    waiting: drawn.of !== wanted,
  };
}

/** What is written; empty where there is no text. */
export function textOf(view: DiagramView): string {
  const { text } = view.diagram.data;
  return typeof text === "string" ? text : "";
}
