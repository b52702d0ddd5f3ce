import type { JSX, ReactNode } from "react";
import { Mark } from "./ui/Mark.tsx";

/** A whole page that says one thing, and what to do about it. */
export function Message({
  title,
  text,
  children,
}: {
  title: string;
  text: ReactNode;
  children: ReactNode;
}): JSX.Element {
  return (
    <main className="app-message">
      <Mark />
      <h1>{title}</h1>
      <p>{text}</p>
      <div className="app-message-actions">{children}</div>
    </main>
  );
}
