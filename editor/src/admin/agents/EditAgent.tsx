import { type FormEvent, type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Dialog } from "../../app/ui/Dialog.tsx";
import { type AdminAgent, type AgentWish, changeAgent } from "../api.ts";
import { Trouble } from "../Shown.tsx";
import { useWork } from "../useWork.ts";
import { changedParts } from "../wishes.ts";
import { AgentFields } from "./AgentFields.tsx";

interface EditAgentProps {
  agent: AdminAgent;
  onClose: () => void;
}

/** Only what was changed here is sent: others may change the rest meanwhile. */
export function EditAgent({ agent, onClose }: EditAgentProps): JSX.Element {
  const [before] = useState<AgentWish>(() => ({ ...agent, ownerId: agent.owner?.id ?? null }));
  const [wish, setWish] = useState(before);
  const work = useWork();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    work.run(async () => {
      await changeAgent(agent.id, changedParts(before, wish));
      onClose();
    });
  };
  return (
    <Dialog title={`Change ${agent.name}`} onClose={onClose}>
      <form onSubmit={save}>
        <AgentFields wish={wish} onChange={setWish} />
        <Trouble error={work.error} />
        <div className="app-dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabled={work.busy || wish.permissions.length === 0}
          >
            {work.busy ? "Saving…" : "Save"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
