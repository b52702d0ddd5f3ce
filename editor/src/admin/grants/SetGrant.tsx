import { type FormEvent, type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Dialog } from "../../app/ui/Dialog.tsx";
import { AgentSelect } from "../AgentSelect.tsx";
import { PermissionBoxes } from "../agents/AgentFields.tsx";
import { type Grant, type Permission, setGrant } from "../api.ts";
import { Trouble } from "../Shown.tsx";
import { useWork } from "../useWork.ts";
import { DiagramChoice } from "./DiagramChoice.tsx";

interface SetGrantProps {
  /** What the list is about; empty: anything. */
  agentId: string;
  diagramId: string;
  /** null: a new one. */
  grant: Grant | null;
  onClose: () => void;
}

export function SetGrant({ agentId, diagramId, grant, onClose }: SetGrantProps): JSX.Element {
  const [agent, setAgent] = useState(grant?.agentId ?? agentId);
  const [diagram, setDiagram] = useState(grant?.diagramId ?? diagramId);
  const [may, setMay] = useState<readonly Permission[]>(grant?.permissions ?? ["read", "edit"]);
  const work = useWork();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    work.run(async () => {
      await setGrant(diagram, agent, may);
      onClose();
    });
  };
  return (
    <Dialog title={grant === null ? "New grant" : "Change the grant"} onClose={onClose}>
      <form onSubmit={save}>
        {grant === null ? (
          <>
            <AgentSelect value={agent} none="Choose an agent" onChange={setAgent} />
            <DiagramChoice chosen={diagram} onChoose={setDiagram} />
          </>
        ) : (
          <p>
            What {grant.agentName} may do with “{grant.title}”:
          </p>
        )}
        <PermissionBoxes
          legend="May there, within its permissions (nothing: it is shut out)"
          permissions={may}
          onChange={setMay}
        />
        <Trouble error={work.error} />
        <div className="app-dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabled={work.busy || agent === "" || diagram === ""}
          >
            {work.busy ? "Saving…" : "Grant"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
