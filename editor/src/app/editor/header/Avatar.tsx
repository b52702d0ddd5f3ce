import type { Author } from "@diagramai/client";
import type { JSX } from "react";
import { colourStyle } from "../../../text/index.ts";
import { Icon } from "../../ui/Icon.tsx";
import { initials } from "../../words/count.ts";

/** Somebody's initials in their colour; an agent has the mark of a robot. Decoration: names stand beside it. */
export function Avatar({ who, colour }: { who: Author; colour: string }): JSX.Element {
  return (
    <span
      className={`app-avatar app-avatar-${who.kind}`}
      style={colourStyle(colour)}
      data-initials={initials(who.name)}
      aria-hidden="true"
    >
      {who.kind === "agent" && (
        <span className="app-avatar-mark">
          <Icon name="robot" />
        </span>
      )}
    </span>
  );
}
