import type { DiagramStatus, DiagramView, LiveDiagram } from "@diagramai/client";
import { type JSX, useEffect } from "react";
import { Message } from "../Message.tsx";
import { startPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Link } from "../ui/Link.tsx";
import { download, exportText, fileName } from "./exporting.ts";

type GoneStatus = Exclude<DiagramStatus, "loading" | "ready">;

const WORDS: Record<GoneStatus, { title: string; text: string }> = {
  not_found: {
    title: "There is no such diagram",
    text: "The link may be mistyped, or the diagram was removed.",
  },
  deleted: {
    title: "This diagram was deleted",
    text: "Somebody moved it to the trash while it was open here.",
  },
  unavailable: {
    title: "This diagram cannot be reached just now",
    text: "It is tried again by itself; nothing you did is lost.",
  },
  forbidden: {
    title: "This diagram is closed to you",
    text: "Ask whoever runs this server to open it.",
  },
};

interface GoneProps {
  status: GoneStatus;
  live: LiveDiagram;
  view: DiagramView;
}

/** Why a diagram is not shown, with a way back, and with what was last seen of it where there is something. */
export function Gone({ status, live, view }: GoneProps): JSX.Element {
  const { title, text } = WORDS[status];
  useEffect(() => {
    document.title = `${title} · DiagramAI`;
  }, [title]);
  const seen = view.diagram.nodes.size > 0 || view.diagram.data.text !== undefined;
  const save = async (): Promise<void> => {
    download(fileName(view.diagram.title), await exportText(live.id, view.diagram, false));
  };
  return (
    <Message title={title} text={text}>
      <Link className="app-button app-button-primary" to={startPath()}>
        To your diagrams
      </Link>
      {seen && status !== "forbidden" && (
        <Button icon="download" onClick={() => void save()}>
          Download what was here
        </Button>
      )}
    </Message>
  );
}
