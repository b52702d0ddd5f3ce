import { type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Dialog } from "../../app/ui/Dialog.tsx";
import { type AdminAgent, rotateKey } from "../api.ts";
import { Trouble } from "../Shown.tsx";
import { useWork } from "../useWork.ts";
import { OVERLAPS } from "../words.ts";
import { KeyShown } from "./KeyShown.tsx";

const FIRST_OVERLAP = 86_400;

interface RotateKeyProps {
  agent: AdminAgent;
  onClose: () => void;
}

export function RotateKey({ agent, onClose }: RotateKeyProps): JSX.Element {
  const [overlap, setOverlap] = useState<number>(FIRST_OVERLAP);
  const [key, setKey] = useState<string | null>(null);
  const work = useWork();
  if (key !== null) {
    return <KeyShown title={`The new key of ${agent.name}`} agentKey={key} onClose={onClose} />;
  }
  return (
    <Dialog title={`A new key for ${agent.name}`} onClose={onClose}>
      <p>
        The present key, <code>{agent.keyPrefix}…</code>, can go on working for a while, so that the
        agent does not stop before it has the new one.
      </p>
      <label className="app-field">
        <span>The present key works on</span>
        <select
          data-first
          value={overlap}
          onChange={(event) => setOverlap(Number(event.target.value))}
        >
          {OVERLAPS.map((each) => (
            <option key={each.seconds} value={each.seconds}>
              {each.words}
            </option>
          ))}
        </select>
      </label>
      <Trouble error={work.error} />
      <div className="app-dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={work.busy}
          onClick={() => work.run(async () => setKey(await rotateKey(agent.id, overlap)))}
        >
          {work.busy ? "Making it…" : "Make a new key"}
        </Button>
      </div>
    </Dialog>
  );
}
