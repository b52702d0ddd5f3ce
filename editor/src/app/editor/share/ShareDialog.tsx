import type { JSX } from "react";
import { type Access, setVisibility } from "../../api/sharing.ts";
import { CopyBlock } from "../../ui/CopyBlock.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ownRoleSentence } from "../../words/sharing.ts";
import { CheckField } from "../panel/fields/CheckField.tsx";
import { Links } from "./Links.tsx";
import { Members } from "./Members.tsx";
import { type SharingState, useSharing } from "./useSharing.ts";

/** Who may do what with this diagram. Owners change it; others see whose it is. */
export function ShareDialog({ id, onClose }: { id: string; onClose: () => void }): JSX.Element {
  const state = useSharing(id);
  const { access, sharing, error } = state;
  return (
    <Dialog title="Share this diagram" onClose={onClose}>
      <div className="app-sharing" aria-busy={state.busy || (access === null && error === null)}>
        {access === null && error === null && <p className="app-dim">Looking who sees it…</p>}
        {access !== null && sharing === null && <p>{ownRoleSentence(access.role, access.owner)}</p>}
        {access !== null && sharing !== null && (
          <>
            <Members id={id} owner={access.owner} members={sharing.members} state={state} />
            <Links id={id} links={sharing.links} state={state} />
            <Visibility id={id} access={access} state={state} />
          </>
        )}
        <section aria-labelledby="app-share-address">
          <h3 id="app-share-address">Address</h3>
          <p className="app-dim">For those who may see it already.</p>
          <CopyBlock text={location.origin + location.pathname} name="Address of this diagram" />
        </section>
        {error !== null && (
          <p className="app-field-error" role="alert">
            {error}
          </p>
        )}
      </div>
    </Dialog>
  );
}

interface VisibilityProps {
  id: string;
  access: Access;
  state: SharingState;
}

function Visibility({ id, access, state }: VisibilityProps): JSX.Element {
  const set = (wanted: Parameters<typeof setVisibility>[1]): void => {
    void state.change(() => setVisibility(id, wanted));
  };
  return (
    <section aria-labelledby="app-share-everybody">
      <h3 id="app-share-everybody">Everybody</h3>
      <CheckField
        label="Public: whoever is signed in here can view it"
        value={access.isPublic}
        disabled={state.busy}
        onChange={(isPublic) => set({ isPublic })}
      />
      <CheckField
        label="Open to agents, as far as their keys go"
        value={access.openToAgents}
        disabled={state.busy}
        onChange={(agentAccessible) => set({ agentAccessible })}
      />
    </section>
  );
}
