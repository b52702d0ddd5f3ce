import type { JSX } from "react";

/** The product's mark and name. */
export function Mark(): JSX.Element {
  return (
    <span className="app-mark">
      <img src="/icon.svg" alt="" width="24" height="24" />
      DiagramAI
    </span>
  );
}
