import { type JSX, useState } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { HELP } from "../help.ts";

export function HelpButton(): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton icon="help" label="Help" onClick={() => setOpen(true)} />
      {open && (
        <Dialog title="Keys and gestures" wide onClose={() => setOpen(false)}>
          <div className="app-help">
            {HELP.map((group) => (
              <section key={group.title}>
                <h3>{group.title}</h3>
                <dl>
                  {group.entries.map(({ keys, does }) => (
                    <div key={does}>
                      <dt>{does}</dt>
                      <dd>
                        {keys.split(", ").map((each) => (
                          <kbd key={each}>{each}</kbd>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog>
      )}
    </>
  );
}
