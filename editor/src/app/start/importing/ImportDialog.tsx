import { type JSX, useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { count } from "../../words/count.ts";
import { ACCEPT, type Item } from "./files.ts";
import { ImportItem } from "./ImportItem.tsx";
import { useFileDrop } from "./useFileDrop.ts";
import { useImport } from "./useImport.ts";

interface ImportDialogProps {
  /** Those that were dropped on the page. */
  files: readonly File[];
  onClose: () => void;
  /** Called instead, where something was imported. */
  onDone: () => void;
}

/** Files become diagrams: choose them, import them, read how that went. */
export function ImportDialog({ files, onClose, onDone }: ImportDialogProps): JSX.Element {
  const [asShapes, setAsShapes] = useState(true);
  const { items, running, add, run, copy } = useImport(files);
  const waiting = items.filter((item) => item.fate.name === "waiting").length;
  const changed = items.some(({ fate }) => fate.name === "done" || fate.name === "running");
  const close = changed ? onDone : onClose;
  return (
    <Dialog title="Import diagrams" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!running) run(asShapes);
        }}
      >
        <FilePicker onFiles={add} />
        <MermaidChoice asShapes={asShapes} onChoose={setAsShapes} />
        <Items items={items} onCopy={(item) => copy(item, asShapes)} />
        <div className="app-dialog-actions">
          <Button onClick={close}>{changed ? "Close" : "Cancel"}</Button>
          <Button look="primary" type="submit" disabled={running || waiting === 0}>
            {running ? "Importing…" : waiting > 1 ? `Import ${count(waiting, "file")}` : "Import"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function FilePicker({ onFiles }: { onFiles: (files: readonly File[]) => void }): JSX.Element {
  const over = useFileDrop(onFiles);
  return (
    <label className={over ? "app-drop app-drop-over" : "app-drop"}>
      <Icon name="upload" />
      <span>
        <strong>Choose files</strong> or drop them here
        <small>Diagrams as .json, Mermaid texts as .mmd, .mermaid or .txt</small>
      </span>
      <input
        data-first
        type="file"
        multiple
        accept={ACCEPT}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again once it is mended.
          event.target.value = "";
        }}
      />
    </label>
  );
}

interface MermaidChoiceProps {
  asShapes: boolean;
  onChoose: (asShapes: boolean) => void;
}

function MermaidChoice({ asShapes, onChoose }: MermaidChoiceProps): JSX.Element {
  return (
    <fieldset className="app-templates">
      <legend>Mermaid flowcharts and mind maps come in</legend>
      <label className="app-template">
        <input type="radio" name="as" checked={asShapes} onChange={() => onChoose(true)} />
        <Icon name="flowchart" />
        <span>
          <strong>As shapes</strong>
          <small>To draw with</small>
        </span>
      </label>
      <label className="app-template">
        <input type="radio" name="as" checked={!asShapes} onChange={() => onChoose(false)} />
        <Icon name="mermaid" />
        <span>
          <strong>As text</strong>
          <small>To write on</small>
        </span>
      </label>
    </fieldset>
  );
}

interface ItemsProps {
  items: readonly Item[];
  onCopy: (item: Item) => void;
}

function Items({ items, onCopy }: ItemsProps): JSX.Element {
  return (
    <ul className="app-imports" aria-live="polite" aria-label="Files">
      {items.map((item) => (
        <ImportItem key={item.key} item={item} onCopy={() => onCopy(item)} />
      ))}
    </ul>
  );
}
