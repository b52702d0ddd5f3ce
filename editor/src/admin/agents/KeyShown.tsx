import type { JSX } from "react";
import { useSession } from "../../app/api/useSession.ts";
import { ConnectAgent } from "../../app/ConnectAgent.tsx";
import { Button } from "../../app/ui/Button.tsx";
import { CopyBlock } from "../../app/ui/CopyBlock.tsx";
import { Dialog } from "../../app/ui/Dialog.tsx";

interface KeyShownProps {
  title: string;
  agentKey: string;
  onClose: () => void;
}

/** A key, this once, and what to paste into the agent's program. */
export function KeyShown({ title, agentKey, onClose }: KeyShownProps): JSX.Element {
  const session = useSession();
  return (
    <Dialog title={title} onClose={onClose} wide insistent>
      <p role="status" className="ad-once">
        Copy the key now: it is shown this once, and nobody can show it again.
      </p>
      <CopyBlock text={agentKey} name="Key" />
      <ConnectAgent server={session} agentKey={agentKey} />
      <div className="app-dialog-actions">
        <Button look="primary" onClick={onClose}>
          I have the key
        </Button>
      </div>
    </Dialog>
  );
}
