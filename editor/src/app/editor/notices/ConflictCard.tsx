import type { ConflictNotice } from "@diagramai/client";
import type { JSX } from "react";
import { useSession } from "../../api/useSession.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { conflictSentence, conflictValues } from "../../words/conflict.ts";

interface ConflictCardProps {
  notice: ConflictNotice;
  readOnly: boolean;
  onRestore: () => void;
  onDismiss: () => void;
}

/** Something of mine that gave way to another's edit, and the choice to have it back. */
export function ConflictCard({
  notice,
  readOnly,
  onRestore,
  onDismiss,
}: ConflictCardProps): JSX.Element {
  const { participant } = useSession();
  const values = conflictValues(notice);
  return (
    <div className="app-notice app-notice-warn">
      <Icon name={notice.by.kind === "agent" ? "robot" : "person"} />
      <div className="app-notice-text">
        <p>{conflictSentence(notice, participant)}</p>
        {values !== null && (
          <p className="app-notice-values">
            Yours: {values.yours} · now: {values.theirs}
          </p>
        )}
      </div>
      <div className="app-notice-actions">
        {notice.canRestore && !readOnly && <Button onClick={onRestore}>Restore mine</Button>}
        <Button look="quiet" onClick={onDismiss}>
          Keep theirs
        </Button>
      </div>
    </div>
  );
}
