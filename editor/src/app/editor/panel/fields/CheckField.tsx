import { type JSX, useEffect, useRef } from "react";
import { MIXED, type Mixed } from "../writes.ts";

interface CheckFieldProps {
  label: string;
  value: boolean | Mixed | undefined;
  disabled: boolean;
  onChange: (value: boolean) => void;
}

export function CheckField({ label, value, disabled, onChange }: CheckFieldProps): JSX.Element {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = value === MIXED;
  }, [value]);
  return (
    <label className="app-check">
      <input
        ref={box}
        type="checkbox"
        checked={value === true}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
