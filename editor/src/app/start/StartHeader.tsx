import { type JSX, useState } from "react";
import { signOut } from "../api/session.ts";
import { useSession } from "../api/useSession.ts";
import { closeConnection } from "../connection.ts";
import { Button } from "../ui/Button.tsx";
import { Mark } from "../ui/Mark.tsx";
import { ThemeSwitch } from "../ui/ThemeSwitch.tsx";

export function StartHeader({ onSignedOut }: { onSignedOut: () => void }): JSX.Element {
  const { participant } = useSession();
  const [failed, setFailed] = useState(false);
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      await closeConnection();
      onSignedOut();
    } catch {
      setFailed(true);
    }
  };
  return (
    <header className="app-start-header">
      <Mark />
      <span className="app-start-name">{participant.name}</span>
      <ThemeSwitch />
      <Button onClick={() => void leave()}>Sign out</Button>
      {failed && (
        <p className="app-field-error" role="alert">
          You are still signed in: the server does not answer.
        </p>
      )}
    </header>
  );
}
