import { type JSX, useState } from "react";
import { Button } from "../app/ui/Button.tsx";

/** Where each page began that was gone through, the newest rows first. */
export interface Pages {
  /** What the present page is asked for with; null: the newest. */
  readonly before: number | null;
  readonly isFirst: boolean;
  readonly older: (next: number) => void;
  readonly newer: () => void;
  readonly restart: () => void;
}

export function usePages(): Pages {
  const [trail, setTrail] = useState<readonly number[]>([]);
  return {
    before: trail.at(-1) ?? null,
    isFirst: trail.length === 0,
    older: (next) => setTrail([...trail, next]),
    newer: () => setTrail(trail.slice(0, -1)),
    restart: () => setTrail([]),
  };
}

export function Pager({ pages, next }: { pages: Pages; next: number | null }): JSX.Element | null {
  if (pages.isFirst && next === null) return null;
  return (
    <nav className="app-pager" aria-label="Pages of the list">
      <p>{pages.isFirst ? "The newest ones" : "Older ones"}</p>
      <Button icon="back" disabled={pages.isFirst} onClick={pages.newer}>
        Newer
      </Button>
      <Button disabled={next === null} onClick={() => next !== null && pages.older(next)}>
        Older
      </Button>
    </nav>
  );
}
