import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import type { Finding } from "../../../api/engine.ts";
import { Button } from "../../../ui/Button.tsx";
import { Icon } from "../../../ui/Icon.tsx";
import { count } from "../../../words/count.ts";
import { present, type Selection } from "../../selection.ts";
import { keyOf, SEVERITIES, worstFirst } from "./findings.ts";
import { type Check as Checking, useCheck } from "./useCheck.ts";

/** Findings that are listed; the rest is counted. */
const MAX_LISTED = 200;

interface CheckProps {
  live: LiveDiagram;
  view: DiagramView;
  onLookAt: (selection: Selection) => void;
}

/** What is wrong with the diagram, and a button that mends it. */
export function Check({ live, view, onLookAt }: CheckProps): JSX.Element {
  const check = useCheck(live, view);
  const { checked, error } = check;
  const shown = worstFirst(checked?.findings ?? []).slice(0, MAX_LISTED);
  const more = (checked?.findings.length ?? 0) - shown.length;
  return (
    <>
      <Head check={check} readOnly={view.readOnly} />
      {error !== null && (
        <p className="app-field-error" role="alert">
          {error}
        </p>
      )}
      <ul className="app-findings">
        {shown.map((finding) => (
          <FindingItem
            key={keyOf(finding)}
            finding={finding}
            onLookAt={() => onLookAt(present(view.diagram, finding))}
            onMend={
              view.readOnly || check.mending || finding.mend === null
                ? null
                : () => check.mend(keyOf(finding))
            }
          />
        ))}
        {more > 0 && <li className="app-dim">and {more} more</li>}
      </ul>
    </>
  );
}

function Head({ check, readOnly }: { check: Checking; readOnly: boolean }): JSX.Element {
  const { checked, mending, mendAll } = check;
  const mendable = checked?.findings.some((finding) => finding.mend !== null) === true;
  return (
    <div className="app-check-head">
      <h2 aria-live="polite">{headWords(check)}</h2>
      {mendable && !readOnly && (
        <Button look="primary" aria-busy={mending} disabled={mending} onClick={mendAll}>
          {mending ? "Mending…" : "Mend all"}
        </Button>
      )}
    </div>
  );
}

function headWords({ checked, error }: Checking): string {
  if (checked === null) return error === null ? "Checking…" : "Not checked";
  const { length } = checked.findings;
  return length === 0 ? "Nothing to mend" : `${count(length, "thing")} to mend`;
}

interface FindingItemProps {
  finding: Finding;
  onLookAt: () => void;
  /** Null where it cannot be mended just now. */
  onMend: (() => void) | null;
}

function FindingItem({ finding, onLookAt, onMend }: FindingItemProps): JSX.Element {
  const { severity, message } = finding;
  const { words, icon } = SEVERITIES[severity];
  return (
    <li className={`app-finding app-finding-${severity}`}>
      <Icon name={icon} />
      <small>{words}</small>
      <Button
        look="quiet"
        aria-label={`Mend: ${message}`}
        disabled={onMend === null}
        onClick={() => onMend?.()}
      >
        Mend
      </Button>
      <button type="button" className="app-finding-words" title="Show it" onClick={onLookAt}>
        {message}
      </button>
    </li>
  );
}
