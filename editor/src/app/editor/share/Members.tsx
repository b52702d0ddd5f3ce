import { type JSX, useState } from "react";
import {
  findPeople,
  type LinkRole,
  type Member,
  type Person,
  type Role,
  removeMember,
  setMember,
} from "../../api/sharing.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { choosePerson, ROLE_WORDS } from "../../words/sharing.ts";
import { RoleSelect } from "./RoleSelect.tsx";
import { usePeople } from "./usePeople.ts";
import type { SharingState } from "./useSharing.ts";

interface MembersProps {
  id: string;
  owner: Person | null;
  members: readonly Member[];
  state: SharingState;
}

/** The owner, everybody with a role, and a row for one more. */
export function Members({ id, owner, members, state }: MembersProps): JSX.Element {
  const [heir, setHeir] = useState<Member | null>(null);
  const choose = (member: Member, role: Role): void => {
    if (role === "owner") setHeir(member);
    else void state.change(() => setMember(id, member.id, role));
  };
  return (
    <section aria-labelledby="app-share-people">
      <h3 id="app-share-people">People</h3>
      <ul className="app-share-list">
        <li>
          <Named person={owner ?? { id: "", name: "Those who run this server" }} />
          <span className="app-dim">{ROLE_WORDS.owner}</span>
        </li>
        {members.map((member) => (
          <li key={member.id}>
            <Named person={member} note={member.throughLink ? "through a link" : ""} />
            <RoleSelect
              label={`Role of ${member.name}`}
              value={member.role}
              // A guest of a link is nobody to come back to.
              withOwner={!member.throughLink}
              disabled={state.busy}
              onChange={(role) => choose(member, role)}
            />
            <IconButton
              icon="close"
              label={`Remove ${member.name}`}
              disabled={state.busy}
              onClick={() => void state.change(() => removeMember(id, member.id))}
            />
          </li>
        ))}
      </ul>
      {heir !== null && (
        <HandOver
          heir={heir}
          onCancel={() => setHeir(null)}
          onDone={() => {
            setHeir(null);
            void state.change(() => setMember(id, heir.id, "owner"));
          }}
        />
      )}
      <AddMember id={id} state={state} />
    </section>
  );
}

function Named({ person, note = "" }: { person: Person; note?: string }): JSX.Element {
  const more = [person.id === person.name ? "" : person.id, note].filter((each) => each !== "");
  return (
    <span className="app-share-name">
      {person.name}
      {more.length > 0 && <small>{more.join(" · ")}</small>}
    </span>
  );
}

interface HandOverProps {
  heir: Member;
  onCancel: () => void;
  onDone: () => void;
}

/** Cannot be taken back by who does it, so it is asked for twice. */
function HandOver({ heir, onCancel, onDone }: HandOverProps): JSX.Element {
  return (
    <div className="app-box" role="alert">
      <p>
        {heir.name} will own this diagram and decide who sees it. You keep editing it. Only they can
        give it back.
      </p>
      <div className="app-dialog-actions">
        <Button onClick={onCancel}>Keep it</Button>
        <Button look="danger" onClick={onDone}>
          Hand it over
        </Button>
      </div>
    </div>
  );
}

function AddMember({ id, state }: { id: string; state: SharingState }): JSX.Element {
  const [text, setText] = useState("");
  const [role, setRole] = useState<LinkRole>("editor");
  const wanted = text.trim();
  const found = usePeople(wanted);
  const add = async (): Promise<void> => {
    const done = await state.change(async () => {
      const person = choosePerson(await findPeople(wanted), wanted);
      if (typeof person === "string") throw new Error(person);
      await setMember(id, person.id, role);
    });
    if (done) setText("");
  };
  return (
    <form
      className="app-share-row"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label className="app-field app-share-grow">
        <span>Add somebody by name or id</span>
        <input
          type="text"
          list="app-share-found"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <datalist id="app-share-found">
          {found.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </datalist>
      </label>
      <RoleSelect
        label="Role of who is added"
        value={role}
        disabled={state.busy}
        onChange={(chosen) => chosen !== "owner" && setRole(chosen)}
      />
      <Button type="submit" icon="plus" disabled={state.busy || wanted === ""}>
        Add
      </Button>
    </form>
  );
}
