import type { Connection, DiagramView } from "@diagramai/client";
import { type JSX, useState } from "react";
import { isLinkGuest } from "../../api/session.ts";
import { useSession } from "../../api/useSession.ts";
import { SignInSteps } from "../../SignIn.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import type { ConnectionFacts } from "../../useConnection.ts";
import { describeStatus, type Status } from "../../words/status.ts";
import { useNow } from "../../words/useNow.ts";

/** How often the seconds until the next attempt are counted, in ms. */
const COUNTDOWN_MS = 500;

interface SaveStateProps {
  view: DiagramView;
  connection: Connection;
  facts: ConnectionFacts;
}

/** Whether all is stored, and if not, why and what to do. */
export function SaveState({ view, connection, facts }: SaveStateProps): JSX.Element {
  const counting = facts.state === "reconnecting" && facts.nextAttemptAt !== null;
  const now = useNow(counting ? COUNTDOWN_MS : null);
  const status = describeStatus({
    connection: facts.state,
    nextAttemptAt: facts.nextAttemptAt,
    view,
    now: counting ? Date.now() : now,
  });
  return (
    <div className={`app-save app-save-${status.tone}`}>
      <p
        role="status"
        title={status.hint}
        className="app-save-words"
        aria-live={counting ? "off" : "polite"}
      >
        <Icon name={status.icon} className={status.tone === "busy" ? "app-turning" : ""} />
        <span className="app-wide-only">{status.words}</span>
        <span className="app-narrow-only">{status.short}</span>
      </p>
      <WhatToDo action={status.action} connection={connection} />
    </div>
  );
}

function WhatToDo({
  action,
  connection,
}: {
  action: Status["action"];
  connection: Connection;
}): JSX.Element | null {
  const session = useSession();
  const isGuest = isLinkGuest(session);
  const [open, setOpen] = useState(false);
  if (action === null) return null;
  if (action === "retry") {
    return (
      <Button look="quiet" onClick={() => connection.reconnectNow()}>
        Try now
      </Button>
    );
  }
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)}>
        {isGuest ? "What to do" : "Sign in"}
      </Button>
      {open && (
        <Dialog
          title={isGuest ? "Your link has ended" : "You are signed out"}
          onClose={() => setOpen(false)}
        >
          {isGuest ? (
            <>
              <p>The link by which you came was taken back, or its time is over.</p>
              <p>
                Ask whoever sent it for a new one. What you see stays here while this page is open;
                Export keeps it as a file.
              </p>
            </>
          ) : (
            <>
              <SignInSteps command={session.command} />
              <p>What you see stays here, and what you did is sent once you are signed in again.</p>
            </>
          )}
          <div className="app-dialog-actions">
            <Button
              look="primary"
              onClick={() => {
                setOpen(false);
                connection.reconnectNow();
              }}
            >
              {isGuest ? "Try again" : "I have opened the link"}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
