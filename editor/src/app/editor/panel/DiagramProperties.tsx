import type { JSX } from "react";
import { LiveTextField } from "../../../text/index.ts";
import { MAX_TITLE_LENGTH } from "../../start/TitleField.tsx";
import { kindWords } from "../../start/words.ts";
import { tell } from "../../telling.ts";
import { count } from "../../words/count.ts";
import { SelectField } from "./fields/SelectField.tsx";
import type { PartProps } from "./types.ts";
import { writeProperty } from "./writes.ts";

const KINDS = ["flowchart", "sequence", "mindmap", "blank"] as const;

export function DiagramProperties({ live, view, edit }: PartProps): JSX.Element {
  const { diagram } = view;
  const field = { live, view, target: "diagram", id: "" } as const;
  const mermaid = diagram.kind === "mermaid";
  return (
    <>
      <div className="app-field">
        <span aria-hidden="true">Title</span>
        <LiveTextField
          {...field}
          path="/title"
          label="Title"
          onRefused={tell}
          placeholder="Untitled"
          maxLength={MAX_TITLE_LENGTH}
        />
      </div>
      <div className="app-field">
        <span aria-hidden="true">Description</span>
        <LiveTextField
          {...field}
          path="/description"
          label="Description"
          onRefused={tell}
          multiline
          autoSize
          placeholder="What it shows"
        />
      </div>
      {mermaid ? (
        <p className="app-fact">{kindWords(diagram.kind)}</p>
      ) : (
        <SelectField
          label="Kind"
          value={diagram.kind}
          disabled={view.readOnly}
          options={KINDS.map((kind) => [kind, kindWords(kind)] as const)}
          onChoose={(kind) => edit(writeProperty(diagram, "/kind", kind))}
        />
      )}
      <p className="app-fact">
        {!mermaid &&
          `${count(diagram.nodes.size, "node")} · ${count(diagram.edges.size, "edge")} · `}
        revision {view.revision}
      </p>
      <p className="app-fact">
        id <code>{live.id}</code>
      </p>
    </>
  );
}
