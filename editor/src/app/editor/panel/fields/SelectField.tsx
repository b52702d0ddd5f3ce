import type { JSX, ReactNode } from "react";
import { MIXED, type Mixed } from "../writes.ts";

export type Option = readonly [value: string, words: string];

interface SelectFieldProps {
  label: string;
  value: string | Mixed | undefined;
  disabled: boolean;
  options: readonly Option[] | ReadonlyMap<string, readonly Option[]>;
  onChoose: (value: string) => void;
}

/** A choice. A value that is none of the options is shown as it is; different ones as "Mixed". */
export function SelectField({
  label,
  value,
  disabled,
  options,
  onChoose,
}: SelectFieldProps): JSX.Element {
  const chosen = typeof value === "string" ? value : "";
  return (
    <label className="app-field">
      <span>{label}</span>
      <select value={chosen} disabled={disabled} onChange={(event) => onChoose(event.target.value)}>
        {value === MIXED && (
          <option value="" disabled>
            Mixed
          </option>
        )}
        {chosen !== "" && !isAmong(options, chosen) && <option value={chosen}>{chosen}</option>}
        {isGrouped(options) ? groups(options) : list(options)}
      </select>
    </label>
  );
}

type Options = SelectFieldProps["options"];

function isGrouped(options: Options): options is ReadonlyMap<string, readonly Option[]> {
  return options instanceof Map;
}

function isAmong(options: Options, value: string): boolean {
  const all = isGrouped(options) ? [...options.values()].flat() : options;
  return all.some(([known]) => known === value);
}

function list(options: readonly Option[]): ReactNode {
  return options.map(([value, words]) => (
    <option key={value} value={value}>
      {words}
    </option>
  ));
}

function groups(options: ReadonlyMap<string, readonly Option[]>): ReactNode {
  return [...options].map(([group, entries]) => (
    <optgroup key={group} label={group}>
      {list(entries)}
    </optgroup>
  ));
}
