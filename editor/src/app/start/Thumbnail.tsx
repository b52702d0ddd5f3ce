import { type JSX, useState } from "react";
import type { Entry } from "../api/diagrams.ts";
import { thumbnailPath } from "../api/engine.ts";
import { useShownTheme } from "../theme.ts";
import { Icon } from "../ui/Icon.tsx";
import { kindIcon, titleOf } from "./words.ts";

/** A small picture of the diagram; the mark of its kind until it is there, or where there is none. */
export function Thumbnail({ entry }: { entry: Entry }): JSX.Element {
  const path = thumbnailPath(entry.id, useShownTheme(), entry.updatedAt);
  const [shown, setShown] = useState({ path: "", failed: false });
  const known = shown.path === path;
  const isEmpty = entry.kind !== "mermaid" && entry.nodeCount === 0;
  return (
    <span className="app-card-picture">
      {(isEmpty || !known || shown.failed) && <Icon name={kindIcon(entry.kind)} />}
      {!isEmpty && !(known && shown.failed) && (
        <img
          key={path}
          src={path}
          alt={`${titleOf(entry)}, drawn small`}
          loading="lazy"
          decoding="async"
          draggable={false}
          onLoad={() => setShown({ path, failed: false })}
          onError={() => setShown({ path, failed: true })}
        />
      )}
    </span>
  );
}
