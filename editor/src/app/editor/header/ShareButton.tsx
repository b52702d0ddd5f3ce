import { type JSX, useState } from "react";
import { Icon } from "../../ui/Icon.tsx";
import { ShareDialog } from "../share/ShareDialog.tsx";

/** Opens what says who sees this diagram. */
export function ShareButton({ id }: { id: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="app-button app-button-plain app-share"
        title="Who sees this diagram"
        aria-label="Share"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="link" />
        <span className="app-wide-only">Share</span>
      </button>
      {open && <ShareDialog id={id} onClose={() => setOpen(false)} />}
    </>
  );
}
