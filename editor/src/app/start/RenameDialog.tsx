import { type JSX, useState } from "react";
import { type Entry, renameDiagram } from "../api/diagrams.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { TitleField } from "./TitleField.tsx";
import { useTask } from "./useTask.ts";

interface RenameDialogProps {
  entry: Entry;
  onClose: () => void;
  onDone: () => void;
}

export function RenameDialog({ entry, onClose, onDone }: RenameDialogProps): JSX.Element {
  const [title, setTitle] = useState(entry.title);
  const wanted = title.trim();
  const task = useTask(async () => {
    if (wanted !== entry.title) await renameDiagram(entry.id, wanted);
    onDone();
  });
  return (
    <Dialog title="Rename" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          task.run();
        }}
      >
        <TitleField title={title} onChange={setTitle} />
        {task.error !== null && (
          <p className="app-field-error" role="alert">
            {task.error}
          </p>
        )}
        <div className="app-dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={task.running || wanted === ""}>
            {task.running ? "Renaming…" : "Rename"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
