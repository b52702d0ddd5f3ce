import { type JSX, useEffect, useState } from "react";
import { MAX_FILTER_LENGTH, navigate, startPath } from "../routes.ts";
import { Icon } from "../ui/Icon.tsx";

/** Pause in typing after which the list is asked for, in ms. */
const PAUSE_MS = 250;

/** Filters by title. What is typed goes into the address, so that it survives a look into a diagram. */
export function Filter({ filter }: { filter: string }): JSX.Element {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === filter) return;
    const timer = setTimeout(() => navigate(startPath(1, wanted), { replace: true }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, filter]);
  return (
    <label className="app-filter">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Filter by title"
        placeholder="Filter by title"
        maxLength={MAX_FILTER_LENGTH}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  );
}
