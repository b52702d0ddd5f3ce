import type { Connection } from "@diagramai/client";
import type { JSX, ReactNode } from "react";
import { useConnection } from "../useConnection.ts";
import { Lasting } from "./Lasting.tsx";

interface PageNoticesProps {
  connection: Connection;
  /** In the page, below its message; else over its lower edge. */
  below?: boolean;
  /** What only this page has to tell. */
  children?: ReactNode;
}

/** The notices of a page that is no editor. Never takes the focus; is read out in a pause. */
export function PageNotices({
  connection,
  below = false,
  children,
}: PageNoticesProps): JSX.Element {
  const { problems } = useConnection(connection);
  const place = below ? "app-notices-below" : "app-notices-page";
  return (
    <section className={`app-notices ${place}`} aria-label="Notices" aria-live="polite">
      <Lasting connection={connection} problems={problems} />
      {children}
    </section>
  );
}
