import type { RecoveryProblem } from "@diagramai/client";
import { type JSX, useState } from "react";
import { download } from "../exporting.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { lostFile, lostSentence } from "../words/lost.ts";

interface LostCardProps {
  problem: RecoveryProblem;
  onDismiss: () => void;
}

/**
 * Edits that the server did not take. Until they are let go of here they stay in this browser, and
 * are told again; so they can be kept as a file first.
 */
export function LostCard({ problem, onDismiss }: LostCardProps): JSX.Element {
  const [kept, setKept] = useState(false);
  const keep = (): void => {
    const { name, text } = lostFile(problem);
    download(name, new Blob([text], { type: "application/json" }));
    setKept(true);
  };
  return (
    <div className="app-notice app-notice-bad">
      <Icon name="warning" />
      <div className="app-notice-text">
        <p>
          <strong>{lostSentence(problem)}</strong> {problem.message}
        </p>
        {kept && <p className="app-notice-values">They are in the file you downloaded.</p>}
        <div className="app-notice-actions">
          <Button icon="download" onClick={keep}>
            {kept ? "Download again" : "Download them"}
          </Button>
          <Button look="quiet" onClick={onDismiss}>
            {kept ? "Done" : "Discard them"}
          </Button>
        </div>
      </div>
    </div>
  );
}
