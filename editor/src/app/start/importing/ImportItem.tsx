import type { JSX } from "react";
import type { Imported } from "../../api/engine.ts";
import { diagramPath } from "../../routes.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { count } from "../../words/count.ts";
import { kindWords, titleOf } from "../words.ts";
import type { Fate, Item } from "./files.ts";

/** Diagrams of one file that are listed; the rest is counted. */
const MAX_LISTED = 20;
/** Mended things of one diagram that are listed; the rest is counted. */
const MAX_REPORTED = 10;
const ICONS: Record<Fate["name"], IconName> = {
  waiting: "blank",
  running: "saving",
  done: "check",
  failed: "warning",
};

/** One file and how it fares. */
export function ImportItem({ item, onCopy }: { item: Item; onCopy: () => void }): JSX.Element {
  const { file, fate } = item;
  return (
    <li className={`app-import app-import-${fate.name}`}>
      <Icon name={ICONS[fate.name]} className={fate.name === "running" ? "app-turning" : ""} />
      <div>
        <p>
          <strong>{file.name}</strong>
          {fate.name === "running" && " is being read…"}
          {fate.name === "done" && ` · ${count(fate.diagrams.length, "diagram")}`}
        </p>
        {fate.name === "failed" && <p className="app-field-error">{fate.why}</p>}
        {fate.name === "failed" && fate.taken && (
          <Button look="quiet" onClick={onCopy}>
            Import as copies
          </Button>
        )}
        {fate.name === "done" && <Diagrams diagrams={fate.diagrams} />}
      </div>
    </li>
  );
}

function Diagrams({ diagrams }: { diagrams: readonly Imported[] }): JSX.Element {
  const more = diagrams.length - MAX_LISTED;
  return (
    <ul>
      {diagrams.slice(0, MAX_LISTED).map((diagram) => (
        <li key={diagram.id}>
          <Link to={diagramPath(diagram.id)}>{titleOf(diagram)}</Link>{" "}
          <small>{kindWords(diagram.kind)}</small>
          {diagram.report.length > 0 && <Mended report={diagram.report} />}
        </li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  );
}

function Mended({ report }: { report: readonly string[] }): JSX.Element {
  const more = report.length - MAX_REPORTED;
  return (
    <ul className="app-import-report" aria-label="What was mended">
      {report.slice(0, MAX_REPORTED).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  );
}
