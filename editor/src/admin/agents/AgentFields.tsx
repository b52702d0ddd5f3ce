import type { JSX } from "react";
import { type AgentWish, PERMISSIONS, type Permission } from "../api.ts";
import { dayField, endOfDay, PERMISSION_WORDS, switched } from "../words.ts";
import { OwnerField } from "./OwnerField.tsx";

/** As the server has them. */
const MAX_NAME_LENGTH = 100;
const MAX_RATE_LIMIT = 1_000_000;

interface AgentFieldsProps {
  wish: AgentWish;
  onChange: (wish: AgentWish) => void;
}

/** What is said of an agent, a new one or one that there is. */
export function AgentFields({ wish, onChange }: AgentFieldsProps): JSX.Element {
  const set = (part: Partial<AgentWish>): void => onChange({ ...wish, ...part });
  return (
    <>
      <label className="app-field">
        <span>Name</span>
        <input
          data-first
          required
          maxLength={MAX_NAME_LENGTH}
          value={wish.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </label>
      <PermissionBoxes
        legend="May"
        permissions={wish.permissions}
        onChange={(permissions) => set({ permissions })}
      />
      <label className="ad-check">
        <input
          type="checkbox"
          checked={!wish.allDiagrams}
          onChange={(event) => set({ allDiagrams: !event.target.checked })}
        />
        Only diagrams that it is granted
      </label>
      <div className="ad-two">
        <label className="app-field">
          <span>Operations a minute</span>
          <input
            type="number"
            required
            min={1}
            max={MAX_RATE_LIMIT}
            value={wish.rateLimit}
            onChange={(event) => set({ rateLimit: event.target.valueAsNumber })}
          />
        </label>
        <label className="app-field">
          <span>Ends after (empty: never)</span>
          <input
            type="date"
            value={dayField(wish.expiresAt)}
            onChange={(event) => set({ expiresAt: endOfDay(event.target.value) })}
          />
        </label>
      </div>
      <OwnerField ownerId={wish.ownerId} onChange={(ownerId) => set({ ownerId })} />
    </>
  );
}

interface PermissionBoxesProps {
  legend: string;
  permissions: readonly Permission[];
  onChange: (permissions: readonly Permission[]) => void;
}

export function PermissionBoxes(props: PermissionBoxesProps): JSX.Element {
  const { legend, permissions, onChange } = props;
  const all = permissions.includes("full_access");
  return (
    <fieldset className="ad-set">
      <legend>{legend}</legend>
      {PERMISSIONS.map((each) => (
        <label key={each} className="ad-check">
          <input
            type="checkbox"
            checked={permissions.includes(each) || all}
            disabled={all && each !== "full_access"}
            onChange={(event) => onChange(switched(permissions, each, event.target.checked))}
          />
          {PERMISSION_WORDS[each]}
        </label>
      ))}
    </fieldset>
  );
}
