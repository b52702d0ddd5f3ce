import { useEffect, useRef, useState } from "react";
import { importFile } from "../../api/engine.ts";
import { diagramPath, navigate } from "../../routes.ts";
import {
  type Fate,
  fateOfError,
  formatIn,
  type Item,
  onlyDiagram,
  titleFrom,
  withFiles,
} from "./files.ts";

export interface Import {
  readonly items: readonly Item[];
  readonly running: boolean;
  readonly add: (files: readonly File[]) => void;
  /** Imports what waits, one file after another. */
  readonly run: (asShapes: boolean) => void;
  /** Imports one file again, with new ids. */
  readonly copy: (item: Item, asShapes: boolean) => void;
}

/** Files on their way to becoming diagrams. Goes to the diagram where it is but one with nothing to tell. */
export function useImport(files: readonly File[]): Import {
  const [items, setItems] = useState(() => withFiles([], files));
  const [running, setRunning] = useState(false);
  const latest = useRef(items);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
    };
  }, []);
  const replace = (next: readonly Item[]): void => {
    latest.current = next;
    setItems(next);
  };
  const settle = (key: number, fate: Fate): void =>
    replace(latest.current.map((item) => (item.key === key ? { ...item, fate } : item)));
  const work = async (wanted: readonly Item[], asShapes: boolean, asCopies: boolean) => {
    setRunning(true);
    for (const { key, file } of wanted) {
      settle(key, { name: "running" });
      settle(key, await imported(file, asShapes, asCopies));
    }
    setRunning(false);
    const only = onlyDiagram(latest.current);
    if (only !== null && !left.current) navigate(diagramPath(only));
  };
  return {
    items,
    running,
    add: (more) => replace(withFiles(latest.current, more)),
    run: (asShapes) => {
      const waiting = latest.current.filter((item) => item.fate.name === "waiting");
      void work(waiting, asShapes, false);
    },
    copy: (item, asShapes) => void work([item], asShapes, true),
  };
}

async function imported(file: File, asShapes: boolean, asCopies: boolean): Promise<Fate> {
  try {
    const format = await formatIn(file);
    const wish = { format, title: titleFrom(file.name), asShapes, asCopies };
    return { name: "done", diagrams: await importFile(file, wish) };
  } catch (error) {
    return fateOfError(error);
  }
}
