import type { DiagramStatus, DiagramView, LiveDiagram, Problem } from "@diagramai/client";
import { type JSX, useEffect } from "react";
import { theConnection } from "../connection.ts";
import { download, fileName, localFile } from "../exporting.ts";
import { Message } from "../Message.tsx";
import { Notice } from "../notices/Notice.tsx";
import { PageNotices } from "../notices/PageNotices.tsx";
import { startPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Link } from "../ui/Link.tsx";
import { useConnection } from "../useConnection.ts";

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
    text: "Ask its owner to let you in, or whoever runs this server.",
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
  const connection = theConnection();
  const { problems } = useConnection(connection);
  useEffect(() => {
    document.title = `${title} · DiagramAI`;
  }, [title]);
  const seen = view.diagram.nodes.size > 0 || view.diagram.data.text !== undefined;
  const save = (): void => {
    download(fileName(view.diagram.title, "json"), localFile(live.id, view.diagram));
  };
  return (
    <>
      <Message title={title} text={text}>
        <Link className="app-button app-button-primary" to={startPath()}>
          To your diagrams
        </Link>
        {seen && status !== "forbidden" && (
          <Button icon="download" onClick={save}>
            Download what was here
          </Button>
        )}
      </Message>
      <PageNotices connection={connection} below>
        {view.problem !== null && !problems.some(({ diagramId }) => diagramId === live.id) && (
          <Notice tone="bad" onDismiss={() => live.dismissProblem()}>
            <Unsaved problem={view.problem} stored={view.stored} />
          </Notice>
        )}
      </PageNotices>
    </>
  );
}

/** Edits that were made here and did not get through before the diagram was gone. */
function Unsaved({ problem, stored }: { problem: Problem; stored: boolean }): JSX.Element {
  if (problem.code !== "lost_edits") {
    return (
      <p>
        <strong>Your last edit was taken back.</strong> {problem.message}
      </p>
    );
  }
  if (!stored) {
    return (
      <p>
        <strong>{problem.message}</strong> They go with this page: download what was here first.
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>{problem.message}</strong> They stay in this browser: load the page again to keep
        them as a file.
      </p>
      <div className="app-notice-actions">
        <Button onClick={() => location.reload()}>Load again</Button>
      </div>
    </>
  );
}
