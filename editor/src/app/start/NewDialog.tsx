import { type JSX, useState } from "react";
import { createDiagram, type Template } from "../api/diagrams.ts";
import { diagramPath, navigate } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { TitleField } from "./TitleField.tsx";
import { useTask } from "./useTask.ts";
import { kindIcon } from "./words.ts";

const TEMPLATES: readonly { name: Template; words: string; what: string }[] = [
  { name: "flowchart", words: "Flowchart", what: "Steps and decisions" },
  { name: "sequence", words: "Sequence", what: "Who asks whom" },
  { name: "mindmap", words: "Mind map", what: "Thoughts around one" },
  { name: "blank", words: "Blank", what: "Nothing yet" },
];

/** Stands for a title that was left empty. */
const UNTITLED = "Untitled diagram";

export function NewDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [title, setTitle] = useState("");
  const [template, setTemplate] = useState<Template>("flowchart");
  const task = useTask(async () => {
    navigate(
      diagramPath(await createDiagram(title.trim() === "" ? UNTITLED : title.trim(), template)),
    );
  });
  return (
    <Dialog title="New diagram" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          task.run();
        }}
      >
        <TitleField title={title} onChange={setTitle} placeholder={UNTITLED} />
        <Templates chosen={template} onChoose={setTemplate} />
        {task.error !== null && (
          <p className="app-field-error" role="alert">
            {task.error}
          </p>
        )}
        <div className="app-dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={task.running}>
            {task.running ? "Creating…" : "Create"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Templates({
  chosen,
  onChoose,
}: {
  chosen: Template;
  onChoose: (template: Template) => void;
}): JSX.Element {
  return (
    <fieldset className="app-templates">
      <legend>Start with</legend>
      {TEMPLATES.map(({ name, words, what }) => (
        <label key={name} className="app-template">
          <input
            type="radio"
            name="template"
            checked={name === chosen}
            onChange={() => onChoose(name)}
          />
          <Icon name={kindIcon(name)} />
          <span>
            <strong>{words}</strong>
            <small>{what}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
