import { type JSX, type KeyboardEvent, useState } from "react";
import { MIXED, type Mixed } from "../writes.ts";

interface NumberFieldProps {
  label: string;
  value: number | Mixed | undefined;
  disabled: boolean;
  least: number;
  most: number;
  /** Called when the field is left or Enter is pressed; undefined where it was emptied. */
  onCommit: (value: number | undefined) => void;
}

/** A number that follows the document, except while somebody types in it. */
export function NumberField({
  label,
  value,
  disabled,
  least,
  most,
  onCommit,
}: NumberFieldProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const shown = typeof value === "number" ? String(Math.round(value * 100) / 100) : "";
  const commit = (): void => {
    setDraft(null);
    if (draft === null || draft === shown) return;
    const number = readNumber(draft, least, most);
    if (number !== null) onCommit(number);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter") commit();
    if (event.key !== "Escape" || draft === null) return;
    event.stopPropagation();
    setDraft(null);
  };
  return (
    <label className="app-number">
      <span>{label}</span>
      <input
        type="text"
        inputMode="decimal"
        value={draft ?? shown}
        placeholder={value === MIXED ? "mixed" : ""}
        disabled={disabled}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={pressed}
      />
    </label>
  );
}

/** A number between the bounds; undefined for an empty text; null for what is no number. */
export function readNumber(text: string, least: number, most: number): number | undefined | null {
  const trimmed = text.trim().replace(",", ".").replace("−", "-");
  if (trimmed === "") return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : null;
}
