import { type JSX, useState } from "react";
import { createLink, type LinkRole, revokeLink, type ShareLink } from "../../api/sharing.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyBlock } from "../../ui/CopyBlock.tsx";
import { linkWords } from "../../words/sharing.ts";
import { useNow } from "../../words/useNow.ts";
import { RoleSelect } from "./RoleSelect.tsx";
import type { SharingState } from "./useSharing.ts";

const CLOCK_MS = 30_000;
const LIFETIMES: readonly { days: number; words: string }[] = [
  { days: 1, words: "For 1 day" },
  { days: 7, words: "For 7 days" },
  { days: 30, words: "For 30 days" },
  { days: 365, words: "For 1 year" },
];
const FIRST_DAYS = 7;

interface LinksProps {
  id: string;
  links: readonly ShareLink[];
  state: SharingState;
}

/** Links that let in whoever has them; what came through one ends with it. */
export function Links({ id, links, state }: LinksProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  const [made, setMade] = useState<string | null>(null);
  return (
    <section aria-labelledby="app-share-links">
      <h3 id="app-share-links">Links</h3>
      {links.length === 0 && (
        <p className="app-dim">A link lets in whoever has it, signed in or not.</p>
      )}
      <ul className="app-share-list">
        {links.map((link) => (
          <li key={link.id}>
            <span className="app-share-name">{linkWords(link, now)}</span>
            <Button
              disabled={state.busy}
              aria-label={`Revoke the link: ${linkWords(link, now)}`}
              onClick={() => {
                setMade(null);
                void state.change(() => revokeLink(id, link.id));
              }}
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      {made !== null && (
        <div role="status">
          <p className="app-share-new">Copy the link now: it is shown this once.</p>
          <CopyBlock text={made} name="New link" />
        </div>
      )}
      <NewLink id={id} state={state} onMade={setMade} />
    </section>
  );
}

interface NewLinkProps {
  id: string;
  state: SharingState;
  onMade: (url: string) => void;
}

function NewLink({ id, state, onMade }: NewLinkProps): JSX.Element {
  const [role, setRole] = useState<LinkRole>("viewer");
  const [days, setDays] = useState(FIRST_DAYS);
  const make = (): void => {
    void state.change(async () => onMade(await createLink(id, role, days)));
  };
  return (
    <div className="app-share-row">
      <RoleSelect
        label="Role of who has the link"
        value={role}
        disabled={state.busy}
        onChange={(chosen) => chosen !== "owner" && setRole(chosen)}
      />
      <select
        className="app-share-select"
        aria-label="How long the link lasts"
        value={days}
        disabled={state.busy}
        onChange={(event) => setDays(Number(event.target.value))}
      >
        {LIFETIMES.map((each) => (
          <option key={each.days} value={each.days}>
            {each.words}
          </option>
        ))}
      </select>
      <Button icon="link" disabled={state.busy} onClick={make}>
        Make a link
      </Button>
    </div>
  );
}
