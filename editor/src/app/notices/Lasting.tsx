import type { Connection, RecoveryProblem } from "@diagramai/client";
import type { JSX } from "react";
import { dismissTold, useTold } from "../telling.ts";
import { LostCard } from "./LostCard.tsx";
import { Notice } from "./Notice.tsx";

interface LastingProps {
  connection: Connection;
  problems: readonly RecoveryProblem[];
}

/** What is told on every page: edits that could not be saved, and what was refused just now. */
export function Lasting({ connection, problems }: LastingProps): JSX.Element {
  const told = useTold();
  return (
    <>
      {problems.map((problem) => (
        <LostCard
          key={problem.id}
          problem={problem}
          onDismiss={() => connection.dismissProblem(problem.id)}
        />
      ))}
      {told.map(({ id, text }) => (
        <Notice key={id} tone="warn" onDismiss={() => dismissTold(id)}>
          <p>{text}</p>
        </Notice>
      ))}
    </>
  );
}
