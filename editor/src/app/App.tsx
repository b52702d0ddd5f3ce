import { type JSX, lazy, Suspense, useEffect } from "react";
import { SessionContext, useSessionState } from "./api/useSession.ts";
import { useTheConnection } from "./connection.ts";
import { EditorPage } from "./editor/EditorPage.tsx";
import { Message } from "./Message.tsx";
import { PageNotices } from "./notices/PageNotices.tsx";
import { type Route, startPath, useRoute } from "./routes.ts";
import { SignIn } from "./SignIn.tsx";
import { SharePage } from "./share/SharePage.tsx";
import { StartPage } from "./start/StartPage.tsx";
import { TrashPage } from "./start/TrashPage.tsx";
import { Button } from "./ui/Button.tsx";
import { Link } from "./ui/Link.tsx";

/** Above this layer, and loaded only for those who open it. */
// biome-ignore lint/style/noRestrictedImports: the one door to it; nothing of it is in what all load
const AdminPage = lazy(() => import("../admin/AdminPage.tsx"));

/** Decides which page is shown; all but that of a share link are for people who are signed in. */
export function App(): JSX.Element {
  const { state, again } = useSessionState();
  const route = useRoute();
  const known = state.name === "signed-in" || state.name === "signed-out";
  if (route.name === "share" && known) {
    return <SharePage signedIn={state.name === "signed-in"} onEntered={again} />;
  }
  switch (state.name) {
    case "loading":
      return <div className="app-waiting" aria-busy="true" />;
    case "signed-out":
      return <SignIn command={state.command} onRetry={again} />;
    case "failed":
      return (
        <Message title="DiagramAI does not answer" text={state.message}>
          <Button look="primary" onClick={again}>
            Try again
          </Button>
        </Message>
      );
    case "signed-in":
      return (
        <SessionContext value={state.session}>
          <Page onSignedOut={again} />
        </SessionContext>
      );
  }
}

function Page({ onSignedOut }: { onSignedOut: () => void }): JSX.Element {
  const route = useRoute();
  useTitle(route);
  const connection = useTheConnection();
  if (route.name === "diagram") return <EditorPage key={route.id} id={route.id} />;
  return (
    <>
      {route.name === "start" && <StartPage route={route} onSignedOut={onSignedOut} />}
      {route.name === "trash" && <TrashPage route={route} onSignedOut={onSignedOut} />}
      {route.name === "admin" && (
        <Suspense fallback={<div className="app-waiting" aria-busy="true" />}>
          <AdminPage query={route.query} onSignedOut={onSignedOut} />
        </Suspense>
      )}
      {route.name === "unknown" && <Nothing />}
      {connection !== null && <PageNotices connection={connection} />}
    </>
  );
}

function Nothing(): JSX.Element {
  return (
    <Message title="There is nothing here" text="The address may be mistyped.">
      <Link className="app-button app-button-primary" to={startPath()}>
        To your diagrams
      </Link>
    </Message>
  );
}

/** An open diagram names the page itself. */
function useTitle(route: Route): void {
  useEffect(() => {
    if (route.name === "start") document.title = "Your diagrams · DiagramAI";
    if (route.name === "trash") document.title = "Trash · DiagramAI";
    if (route.name === "admin") document.title = "Admin · DiagramAI";
    if (route.name === "unknown") document.title = "DiagramAI";
  }, [route.name]);
}
