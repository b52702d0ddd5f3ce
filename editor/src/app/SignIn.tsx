import type { JSX } from "react";
import { Button } from "./ui/Button.tsx";
import { CopyBlock } from "./ui/CopyBlock.tsx";
import { Mark } from "./ui/Mark.tsx";

/** For whoever comes without a session. */
export function SignIn({
  command,
  onRetry,
}: {
  command: string;
  onRetry: () => void;
}): JSX.Element {
  return (
    <main className="app-message">
      <Mark />
      <h1>Sign in to see your diagrams</h1>
      <SignInSteps command={command} />
      <div className="app-message-actions">
        <Button look="primary" onClick={onRetry}>
          I have opened the link
        </Button>
      </div>
    </main>
  );
}

/** How a link is had; the same words wherever somebody is signed out. */
export function SignInSteps({ command }: { command: string }): JSX.Element {
  return (
    <>
      <p>On the computer where DiagramAI runs, ask for a link:</p>
      <CopyBlock text={`${command} sign-in`} name="Command for a sign-in link" />
      <p>Open the link it prints. It signs this browser in for 30 days, and works once.</p>
    </>
  );
}
