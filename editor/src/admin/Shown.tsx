import type { JSX, ReactNode } from "react";
import { Button } from "../app/ui/Button.tsx";
import { Icon, type IconName } from "../app/ui/Icon.tsx";
import type { Polled } from "../app/usePolled.ts";

/** Milliseconds between two looks at what is shown, and at what is only chosen from. */
export const LIVE_MS = 2_000;
export const CHOICES_MS = 20_000;

interface ShownProps<T> {
  polled: Polled<T>;
  isEmpty: (data: T) => boolean;
  empty: ReactNode;
  children: (data: T) => ReactNode;
}

/** What was asked for: on its way, failed, empty, or there. What is there stays while it is asked anew. */
export function Shown<T>({ polled, isEmpty, empty, children }: ShownProps<T>): JSX.Element {
  const { data, error, loading, reload } = polled;
  return (
    <>
      {error !== null && (
        <div className="app-box app-box-bad" role="alert">
          <p>{error}</p>
          <Button onClick={reload}>Try again</Button>
        </div>
      )}
      {data === null && loading && <Skeleton />}
      {data !== null && (isEmpty(data) ? empty : children(data))}
    </>
  );
}

function Skeleton(): JSX.Element {
  return (
    <div className="ad-skeleton" role="status" aria-label="Loading">
      {["a", "b", "c"].map((key) => (
        <div key={key} className="app-card app-card-skeleton">
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: IconName;
  title: string;
  children: ReactNode;
}

export function Empty({ icon, title, children }: EmptyProps): JSX.Element {
  return (
    <div className="app-box app-empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Why a piece of work failed. */
export function Trouble({ error }: { error: string | null }): JSX.Element | null {
  if (error === null) return null;
  return (
    <p className="app-field-error" role="alert">
      {error}
    </p>
  );
}
