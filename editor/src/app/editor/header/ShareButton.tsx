import type { JSX } from "react";
import { Icon } from "../../ui/Icon.tsx";
import { useCopy } from "../../ui/useCopy.ts";

/** Copies the address of this diagram. */
export function ShareButton(): JSX.Element {
  const { state, copy } = useCopy();
  const words = { idle: "Copy link", copied: "Copied", failed: "Copy the address above" }[state];
  return (
    <button
      type="button"
      className="app-button app-button-plain app-share"
      title="Whoever may sign in here can open it"
      aria-label={words}
      onClick={() => copy(location.origin + location.pathname)}
    >
      <Icon name={state === "copied" ? "check" : "link"} />
      <span className="app-wide-only">{words}</span>
    </button>
  );
}
