import type { JSX } from "react";
import type { Role } from "../../api/sharing.ts";
import { ROLE_WORDS } from "../../words/sharing.ts";

interface RoleSelectProps {
  label: string;
  value: Role;
  /** Offers to hand the diagram over. */
  withOwner?: boolean;
  disabled: boolean;
  onChange: (role: Role) => void;
}

export function RoleSelect(props: RoleSelectProps): JSX.Element {
  const { label, value, withOwner = false, disabled, onChange } = props;
  const roles: readonly Role[] = withOwner ? ["viewer", "editor", "owner"] : ["viewer", "editor"];
  return (
    <select
      className="app-share-select"
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => {
        const chosen = roles.find((each) => each === event.target.value);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {role === "owner" ? "Make owner…" : ROLE_WORDS[role]}
        </option>
      ))}
    </select>
  );
}
