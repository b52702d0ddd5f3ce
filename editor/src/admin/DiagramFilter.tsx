import { type FormEvent, type JSX, useEffect, useState } from "react";

/** A diagram's id is in its address, after /d/; a whole address is taken too. */
export function idIn(text: string): string {
  const trimmed = text.trim();
  const found = /\/d\/([^/?#]+)/.exec(trimmed)?.[1];
  if (found === undefined) return trimmed;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

interface DiagramFilterProps {
  value: string;
  onChange: (diagramId: string) => void;
}

/** Only one diagram, by its id or address; Enter, or leaving the field, takes it. */
export function DiagramFilter({ value, onChange }: DiagramFilterProps): JSX.Element {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const take = (): void => {
    const id = idIn(text);
    if (id !== value) onChange(id);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    take();
  };
  return (
    <form onSubmit={submit}>
      <label className="app-field">
        <span>Diagram</span>
        <input
          type="search"
          placeholder="All; an id or address"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={take}
        />
      </label>
    </form>
  );
}
