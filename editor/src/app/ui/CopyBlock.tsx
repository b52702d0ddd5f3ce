import type { JSX } from "react";
import { Icon } from "./Icon.tsx";
import { useCopy } from "./useCopy.ts";

/** A command or a file's text with a button that copies it. `name` says what it is. */
export function CopyBlock({ text, name }: { text: string; name: string }): JSX.Element {
  const { state, copy } = useCopy();
  const words = { idle: "Copy", copied: "Copied", failed: "Select it and copy" }[state];
  return (
    <div className="app-copy">
      <pre>
        <code>{text}</code>
      </pre>
      <button
        type="button"
        className="app-copy-button"
        aria-label={`${words}: ${name}`}
        title={words}
        onClick={() => copy(text)}
      >
        <Icon name={state === "copied" ? "check" : "copy"} />
        {state !== "idle" && <span>{words}</span>}
      </button>
    </div>
  );
}
