import { type JSX, useEffect, useRef } from "react";
import { MIXED, type Mixed } from "../writes.ts";

/** Readable with dark ink as a fill, and as a line on both themes. */
const PALETTE: readonly (readonly [colour: string, name: string])[] = [
  ["#fde68a", "yellow"],
  ["#fdba74", "orange"],
  ["#fca5a5", "red"],
  ["#f0abfc", "pink"],
  ["#a5b4fc", "violet"],
  ["#7dd3fc", "blue"],
  ["#86efac", "green"],
  ["#cbd5e1", "grey"],
];
/** The canvas's own bar offers the first six. */
const STRONG: readonly (readonly [colour: string, name: string])[] = [
  ["#3b82f6", "blue"],
  ["#10b981", "green"],
  ["#f59e0b", "amber"],
  ["#ef4444", "red"],
  ["#8b5cf6", "violet"],
  ["#64748b", "grey"],
  ["#d946ef", "pink"],
  ["#0d9488", "teal"],
];
const HEX = /^#[0-9a-f]{6}$/iu;
/** What the browser's own colour chooser opens with where there is no colour yet. */
const FIRST_COLOUR = "#7dd3fc";

interface ColourFieldProps {
  label: string;
  value: string | Mixed | undefined;
  /** For lines and texts: the strong colours. */
  strong?: boolean;
  disabled: boolean;
  /** undefined: the type's own colour. */
  onChoose: (colour: string | undefined) => void;
}

export function ColourField({
  label,
  value,
  strong = false,
  disabled,
  onChoose,
}: ColourFieldProps): JSX.Element {
  const colours = strong ? STRONG : PALETTE;
  const current = typeof value === "string" ? value.toLowerCase() : value;
  return (
    <fieldset className="app-colours" disabled={disabled}>
      <legend>{label}</legend>
      <button
        type="button"
        className="app-colour app-colour-none"
        aria-label={`${label}: default`}
        title="Default"
        aria-pressed={value === undefined}
        onClick={() => onChoose(undefined)}
      />
      {colours.map(([colour, name]) => (
        <button
          key={colour}
          type="button"
          className="app-colour"
          style={{ backgroundColor: colour }}
          aria-label={`${label}: ${name}`}
          title={name}
          aria-pressed={current === colour}
          onClick={() => onChoose(colour)}
        />
      ))}
      <OwnColour label={label} value={value} onChoose={onChoose} />
    </fieldset>
  );
}

type OwnColourProps = Pick<ColourFieldProps, "label" | "value" | "onChoose">;

/** Any colour, by the browser's chooser. It tells of every colour passed over; only the last one counts. */
function OwnColour({ label, value, onChoose }: OwnColourProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(onChoose);
  latest.current = onChoose;
  const shown = typeof value === "string" && HEX.test(value) ? value : FIRST_COLOUR;
  useEffect(() => {
    const field = input.current;
    const chosen = (): void => latest.current(field?.value);
    field?.addEventListener("change", chosen);
    return () => field?.removeEventListener("change", chosen);
  }, []);
  return (
    <input
      key={shown}
      ref={input}
      type="color"
      className="app-colour app-colour-own"
      aria-label={`${label}: another colour`}
      title={value === MIXED ? "Mixed; choose one for all" : "Another colour"}
      defaultValue={shown}
    />
  );
}
