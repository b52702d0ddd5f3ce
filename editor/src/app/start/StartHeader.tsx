import { type JSX, useState } from "react";
import { CONNECTIONS_PATH } from "../agents.ts";
import { readOpenAlerts } from "../api/alerts.ts";
import { signOut } from "../api/session.ts";
import { useSession } from "../api/useSession.ts";
import { closeConnection } from "../connection.ts";
import { ADMIN_PATH } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Link } from "../ui/Link.tsx";
import { Mark } from "../ui/Mark.tsx";
import { ThemeSwitch } from "../ui/ThemeSwitch.tsx";
import { usePolled } from "../usePolled.ts";

/** Alerts are told on the start page too; they are looked at on the admin page. */
const ALERTS_MS = 15_000;

interface StartHeaderProps {
  onSignedOut: () => void;
  /** On the admin page, which knows it: alerts that nobody has acknowledged. */
  openAlerts?: number;
}

export function StartHeader({ onSignedOut, openAlerts }: StartHeaderProps): JSX.Element {
  const { participant, isAdmin } = useSession();
  const [failed, setFailed] = useState(false);
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      await closeConnection();
      onSignedOut();
    } catch {
      setFailed(true);
    }
  };
  return (
    <header className="app-start-header">
      <Mark />
      <span className="app-start-name">{participant.name}</span>
      <nav className="app-start-links" aria-label="Pages">
        {isAdmin && <AdminLink openAlerts={openAlerts} />}
        <a href={CONNECTIONS_PATH}>Connected agents</a>
      </nav>
      <ThemeSwitch />
      <Button onClick={() => void leave()}>Sign out</Button>
      {failed && (
        <p className="app-field-error" role="alert">
          You are still signed in: the server does not answer.
        </p>
      )}
    </header>
  );
}

function AdminLink({ openAlerts }: { openAlerts: number | undefined }): JSX.Element {
  const isHere = openAlerts !== undefined;
  const asked = usePolled(isHere ? null : "/api/admin/alerts/count", readOpenAlerts, ALERTS_MS);
  const open = openAlerts ?? asked.data ?? 0;
  return (
    <Link to={ADMIN_PATH} aria-current={isHere ? "page" : undefined}>
      Admin
      {open > 0 && (
        <>
          {" "}
          <span className="app-count">
            {open}
            <span className="app-unseen"> open {open === 1 ? "alert" : "alerts"}</span>
          </span>
        </>
      )}
    </Link>
  );
}
