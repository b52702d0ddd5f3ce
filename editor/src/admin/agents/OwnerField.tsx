import { type JSX, useEffect, useId, useState } from "react";
import { findPeople, type Person } from "../../app/api/sharing.ts";

/** After the last key, before people are looked for. */
const PAUSE_MS = 200;

interface OwnerFieldProps {
  ownerId: string | null;
  onChange: (ownerId: string | null) => void;
}

/** The id of a person; those whose name is begun are offered. */
export function OwnerField({ ownerId, onChange }: OwnerFieldProps): JSX.Element {
  const id = useId();
  const text = ownerId ?? "";
  const people = useFoundPeople(text);
  return (
    <label className="app-field">
      <span>Acts for (a person’s id; empty: nobody). It may do no more than they may.</span>
      <input
        list={id}
        maxLength={300}
        placeholder="Begin a name"
        value={text}
        onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}
      />
      <datalist id={id}>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </datalist>
    </label>
  );
}

function useFoundPeople(text: string): readonly Person[] {
  const [found, setFound] = useState<readonly Person[]>([]);
  useEffect(() => {
    if (text.trim() === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      // Without suggestions an id can still be written.
      findPeople(text, stop.signal).then(setFound, () => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return found;
}
