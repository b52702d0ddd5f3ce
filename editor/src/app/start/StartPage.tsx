import { type JSX, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Entry } from "../api/diagrams.ts";
import { isLinkGuest } from "../api/session.ts";
import { useSession } from "../api/useSession.ts";
import { ConnectAgent } from "../ConnectAgent.tsx";
import { type StartRoute, trashPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Link } from "../ui/Link.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { DiagramList } from "./DiagramList.tsx";
import { Filter } from "./Filter.tsx";
import { ImportDialog } from "./importing/ImportDialog.tsx";
import { useFileDrop } from "./importing/useFileDrop.ts";
import { NewDialog } from "./NewDialog.tsx";
import { RenameDialog } from "./RenameDialog.tsx";
import { StartHeader } from "./StartHeader.tsx";
import { useDiagrams } from "./useDiagrams.ts";

export type Opened =
  | { readonly name: "new" }
  | { readonly name: "import"; readonly files: readonly File[] }
  | { readonly name: "rename"; readonly entry: Entry }
  | { readonly name: "delete"; readonly entry: Entry };

/** A person's diagrams, and how an agent gets at them. */
export function StartPage({
  route,
  onSignedOut,
}: {
  route: StartRoute;
  onSignedOut: () => void;
}): JSX.Element {
  const session = useSession();
  const list = useDiagrams(route.page, route.filter, onSignedOut);
  const [opened, setOpened] = useState<Opened | null>(null);
  const done = (): void => {
    setOpened(null);
    list.reload();
  };
  const heading = useRef<HTMLHeadingElement>(null);
  const deleted = (): void => {
    // The closed dialog gives the focus back to a card that is about to go.
    flushSync(() => setOpened(null));
    heading.current?.focus();
    list.reload();
  };
  const close = (): void => setOpened(null);
  const startImport = (files: readonly File[]): void => setOpened({ name: "import", files });
  const isGuest = isLinkGuest(session);
  const dragging = useFileDrop(opened === null && !isGuest ? startImport : null);
  return (
    <div className={dragging ? "app-start app-start-dragging" : "app-start"}>
      <StartHeader onSignedOut={onSignedOut} />
      <main className="app-start-main">
        <section aria-labelledby="app-diagrams">
          <div className="app-start-bar">
            <h1 id="app-diagrams" ref={heading} tabIndex={-1}>
              Your diagrams
            </h1>
            <Filter filter={route.filter} />
            {!isGuest && (
              <>
                <Button icon="upload" onClick={() => startImport([])}>
                  Import
                </Button>
                <Button look="primary" icon="plus" onClick={() => setOpened({ name: "new" })}>
                  New diagram
                </Button>
              </>
            )}
          </div>
          <DiagramList route={route} list={list} command={session.command} onOpen={setOpened} />
          {!isGuest && (
            <p className="app-start-trash">
              <Link className="app-button app-button-quiet" to={trashPath()}>
                <Icon name="trash" /> Trash
              </Link>
            </p>
          )}
        </section>
        {!isGuest && (
          <aside className="app-start-agents" aria-labelledby="app-agents">
            <h2 id="app-agents">Let an agent draw with you</h2>
            <ConnectAgent server={session} />
          </aside>
        )}
      </main>
      {opened?.name === "new" && <NewDialog onClose={close} />}
      {opened?.name === "import" && (
        <ImportDialog files={opened.files} onClose={close} onDone={done} />
      )}
      {opened?.name === "rename" && (
        <RenameDialog entry={opened.entry} onClose={close} onDone={done} />
      )}
      {opened?.name === "delete" && (
        <DeleteDialog entry={opened.entry} onClose={close} onDone={deleted} />
      )}
    </div>
  );
}
