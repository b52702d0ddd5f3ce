import type { JSX, ReactNode } from "react";
import { Button } from "../app/ui/Button.tsx";
import { Dialog } from "../app/ui/Dialog.tsx";
import { Trouble } from "./Shown.tsx";
import { useWork } from "./useWork.ts";

interface ConfirmProps {
  title: string;
  keep: string;
  act: string;
  children: ReactNode;
  /** Also after the work is done. */
  onClose: () => void;
  work: () => Promise<void>;
}

/** Asks before something ends. */
export function Confirm(props: ConfirmProps): JSX.Element {
  const { title, keep, act, children, onClose, work } = props;
  const { busy, error, run } = useWork();
  const confirmed = async (): Promise<void> => {
    await work();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <Trouble error={error} />
      <div className="app-dialog-actions">
        <Button data-first onClick={onClose}>
          {keep}
        </Button>
        <Button look="danger" disabled={busy} onClick={() => run(confirmed)}>
          {act}
        </Button>
      </div>
    </Dialog>
  );
}
