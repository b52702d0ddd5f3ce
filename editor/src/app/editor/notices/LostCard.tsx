import { operationToJson, type RecoveryProblem } from "@diagramai/client";
import type { JSX } from "react";
import { Button } from "../../ui/Button.tsx";
import { download, fileName } from "../exporting.ts";
import { Notice } from "./Notice.tsx";

interface LostCardProps {
  problem: RecoveryProblem;
  onDismiss: () => void;
}

/** Edits of an earlier visit that the server did not take. They can be kept as a file before they go. */
export function LostCard({ problem, onDismiss }: LostCardProps): JSX.Element {
  const keep = (): void => {
    const text = JSON.stringify(operationToJson(problem.operation), null, 2);
    download(`unsent-${fileName(problem.title)}`, text);
  };
  return (
    <Notice tone="bad" onDismiss={onDismiss}>
      <p>
        <strong>Edits from before could not be stored.</strong> {problem.message}
      </p>
      <div className="app-notice-actions">
        <Button icon="download" onClick={keep}>
          Download them
        </Button>
      </div>
    </Notice>
  );
}
