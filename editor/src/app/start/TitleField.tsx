import type { JSX } from "react";

/** The longest title, in characters. */
export const MAX_TITLE_LENGTH = 1_000;

interface TitleFieldProps {
  title: string;
  onChange: (title: string) => void;
  placeholder?: string;
}

/** The first field of a dialog: it has the focus, and its text is selected. */
export function TitleField({ title, onChange, placeholder }: TitleFieldProps): JSX.Element {
  return (
    <label className="app-field">
      <span>Title</span>
      <input
        data-first
        type="text"
        onFocus={(event) => event.target.select()}
        maxLength={MAX_TITLE_LENGTH}
        value={title}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
