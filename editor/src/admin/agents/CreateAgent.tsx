import { type FormEvent, type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Dialog } from "../../app/ui/Dialog.tsx";
import { type AgentWish, createAgent } from "../api.ts";
import { Trouble } from "../Shown.tsx";
import { useWork } from "../useWork.ts";
import { AgentFields } from "./AgentFields.tsx";
import { KeyShown } from "./KeyShown.tsx";

const FIRST_WISH: AgentWish = {
  name: "",
  permissions: ["read", "create", "edit"],
  rateLimit: 100,
  allDiagrams: true,
  ownerId: null,
  expiresAt: null,
};

export function CreateAgent({ onClose }: { onClose: () => void }): JSX.Element {
  const [wish, setWish] = useState(FIRST_WISH);
  const [key, setKey] = useState<string | null>(null);
  const work = useWork();
  const create = (event: FormEvent): void => {
    event.preventDefault();
    work.run(async () => setKey(await createAgent(wish)));
  };
  if (key !== null) {
    return <KeyShown title={`The key of ${wish.name}`} agentKey={key} onClose={onClose} />;
  }
  return (
    <Dialog title="New agent" onClose={onClose}>
      <form onSubmit={create}>
        <AgentFields wish={wish} onChange={setWish} />
        <Trouble error={work.error} />
        <div className="app-dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabled={work.busy || wish.permissions.length === 0}
          >
            {work.busy ? "Making it…" : "Make the key"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
