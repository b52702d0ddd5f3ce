import "./admin.css";
import { type JSX, useEffect } from "react";
import { readOpenAlerts } from "../app/api/alerts.ts";
import { useSession } from "../app/api/useSession.ts";
import { Message } from "../app/Message.tsx";
import { navigate, startPath } from "../app/routes.ts";
import { StartHeader } from "../app/start/StartHeader.tsx";
import { Icon } from "../app/ui/Icon.tsx";
import { Link } from "../app/ui/Link.tsx";
import { Tabs } from "../app/ui/Tabs.tsx";
import { usePolled } from "../app/usePolled.ts";
import { AgentsTab } from "./agents/AgentsTab.tsx";
import { AlertsTab } from "./alerts/AlertsTab.tsx";
import { AuditTab } from "./audit/AuditTab.tsx";
import { GrantsTab } from "./grants/GrantsTab.tsx";
import { type Place, placeFrom, placePath } from "./place.ts";
import { LIVE_MS } from "./Shown.tsx";
import { SessionsTab } from "./sessions/SessionsTab.tsx";

interface AdminPageProps {
  query: string;
  onSignedOut: () => void;
}

/** For those who look after the server. */
export default function AdminPage({ query, onSignedOut }: AdminPageProps): JSX.Element {
  const { isAdmin } = useSession();
  if (isAdmin) return <Tabbed place={placeFrom(query)} onSignedOut={onSignedOut} />;
  return (
    <Message
      title="This page is for admins"
      text="It shows agents, their keys and what they did, to those who look after the server."
    >
      <Link className="app-button app-button-primary" to={startPath()}>
        To your diagrams
      </Link>
    </Message>
  );
}

function Tabbed({ place, onSignedOut }: { place: Place; onSignedOut: () => void }): JSX.Element {
  const { data, signedOut, reload } = usePolled("/api/admin/alerts/count", readOpenAlerts, LIVE_MS);
  const openAlerts = data ?? 0;
  useEffect(() => {
    if (signedOut) onSignedOut();
  }, [signedOut, onSignedOut]);
  return (
    <div className="app-start">
      <StartHeader onSignedOut={onSignedOut} openAlerts={openAlerts} />
      <main className="app-start-main app-start-one ad-main">
        <div className="app-start-bar">
          <h1>Admin</h1>
          <Link className="app-button app-button-plain" to={startPath()}>
            <Icon name="back" /> Your diagrams
          </Link>
        </div>
        <Tabs
          label="What to look after"
          chosen={place.tab}
          onChoose={(tab) => navigate(placePath({ tab }), { replace: true })}
          tabs={[
            { name: "agents", title: "Agents", content: () => <AgentsTab /> },
            { name: "grants", title: "Grants", content: () => <GrantsTab place={place} /> },
            { name: "sessions", title: "Sessions", content: () => <SessionsTab /> },
            { name: "audit", title: "Audit", content: () => <AuditTab place={place} /> },
            {
              name: "alerts",
              title: openAlerts === 0 ? "Alerts" : `Alerts (${openAlerts})`,
              content: () => <AlertsTab onAcknowledged={reload} />,
            },
          ]}
        />
      </main>
    </div>
  );
}
