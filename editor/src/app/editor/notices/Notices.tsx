import type { Connection, DiagramView, LiveDiagram, RecoveryProblem } from "@diagramai/client";
import { type JSX, useState } from "react";
import { Lasting } from "../../notices/Lasting.tsx";
import { Notice } from "../../notices/Notice.tsx";
import { attempt } from "../../telling.ts";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../words/count.ts";
import { adviceFor } from "../../words/problem.ts";
import { ConflictCard } from "./ConflictCard.tsx";
import { fold } from "./fold.ts";

interface NoticesProps {
  live: LiveDiagram;
  view: DiagramView;
  connection: Connection;
  problems: readonly RecoveryProblem[];
}

/** What has to be told, quietly: never takes the focus, is read out in a pause. */
export function Notices({ live, view, connection, problems }: NoticesProps): JSX.Element {
  return (
    <section className="app-notices" aria-label="Notices" aria-live="polite">
      <Recovered number={view.recovered} />
      <Lasting connection={connection} problems={problems} />
      {view.problem !== null && (
        <Notice tone="bad" onDismiss={() => live.dismissProblem()}>
          <p>
            <strong>Your last edit was taken back.</strong> {view.problem.message}
          </p>
          <p>{adviceFor(view.problem.code)}</p>
        </Notice>
      )}
      <Conflicts live={live} view={view} />
    </section>
  );
}

function Recovered({ number }: { number: number }): JSX.Element | null {
  const [told, setTold] = useState(0);
  if (number <= told) return null;
  return (
    <Notice tone="good" onDismiss={() => setTold(number)}>
      <p>{count(number - told, "change")} from before recovered and sent.</p>
    </Notice>
  );
}

function Conflicts({ live, view }: { live: LiveDiagram; view: DiagramView }): JSX.Element {
  const [open, setOpen] = useState(false);
  const { shown, folded } = fold(view.conflicts, open);
  const keepAll = (): void => {
    for (const notice of view.conflicts) live.dismissConflict(notice.id);
  };
  return (
    <>
      {folded > 0 && (
        <div className="app-notices-fold">
          <Button onClick={() => setOpen(true)}>{folded} more</Button>
          <Button look="quiet" onClick={keepAll}>
            Keep theirs for all
          </Button>
        </div>
      )}
      {shown.map((notice) => (
        <ConflictCard
          key={notice.id}
          notice={notice}
          readOnly={view.readOnly}
          onRestore={() => attempt(() => live.restoreMine(notice.id))}
          onDismiss={() => live.dismissConflict(notice.id)}
        />
      ))}
    </>
  );
}
