import type { JSX } from "react";
import { deleteDiagram, type Entry } from "../api/diagrams.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { shorten } from "../words/count.ts";
import { useTask } from "./useTask.ts";
import { titleOf } from "./words.ts";

interface DeleteDialogProps {
  entry: Entry;
  onClose: () => void;
  onDone: () => void;
}

export function DeleteDialog({ entry, onClose, onDone }: DeleteDialogProps): JSX.Element {
  const task = useTask(async () => {
    await deleteDiagram(entry.id);
    onDone();
  });
  return (
    <Dialog title="Delete this diagram?" onClose={onClose}>
      <p>
        “{shorten(titleOf(entry), 80)}” moves to the trash. It closes for everybody who has it open,
        and is gone from all lists until you restore it from there.
      </p>
      {task.error !== null && (
        <p className="app-field-error" role="alert">
          {task.error}
        </p>
      )}
      <div className="app-dialog-actions">
        <Button data-first onClick={onClose}>
          Keep it
        </Button>
        <Button look="danger" icon="trash" onClick={task.run} disabled={task.running}>
          {task.running ? "Deleting…" : "Move to trash"}
        </Button>
      </div>
    </Dialog>
  );
}
