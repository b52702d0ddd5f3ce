import { type JSX, useEffect, useState } from "react";
import { type Entry, listDiagrams } from "../../app/api/diagrams.ts";
import { sentenceOf } from "../../app/words/failure.ts";
import { Trouble } from "../Shown.tsx";

/** After the last key, before diagrams are looked for. */
const PAUSE_MS = 200;
const MAX_SHOWN = 6;

interface DiagramChoiceProps {
  /** An id; empty: none yet. */
  chosen: string;
  onChoose: (diagramId: string) => void;
}

/** One diagram of those whose title has a text in it. */
export function DiagramChoice({ chosen, onChoose }: DiagramChoiceProps): JSX.Element {
  const [text, setText] = useState("");
  const { entries, error } = useFoundDiagrams(text);
  return (
    <fieldset className="ad-set ad-choice">
      <legend>Diagram</legend>
      <label className="app-field">
        <span>Search by title</span>
        <input
          type="search"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Trouble error={error} />
      {chosen !== "" && entries.every((entry) => entry.id !== chosen) && (
        <p className="app-dim">Chosen: {chosen}</p>
      )}
      {entries.slice(0, MAX_SHOWN).map((entry) => (
        <label key={entry.id} className="ad-check">
          <input
            type="radio"
            name="diagram"
            checked={entry.id === chosen}
            onChange={() => onChoose(entry.id)}
          />
          {entry.title.trim() === "" ? "Untitled" : entry.title}
        </label>
      ))}
      {entries.length > MAX_SHOWN && <p className="app-dim">There are more; search for one.</p>}
      {entries.length === 0 && error === null && <p className="app-dim">No diagram has that.</p>}
    </fieldset>
  );
}

function useFoundDiagrams(text: string): { entries: readonly Entry[]; error: string | null } {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      listDiagrams(1, text.trim(), stop.signal).then(
        (page) => {
          setEntries(page.entries);
          setError(null);
        },
        (reason: unknown) => {
          if (!stop.signal.aborted) setError(sentenceOf(reason));
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return { entries, error };
}
