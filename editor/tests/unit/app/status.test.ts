import { describe, expect, test } from "vitest";
import { describeStatus, type StatusFacts } from "../../../src/app/words/status.ts";

const NOW = 1_000_000;

type Changed = Partial<Omit<StatusFacts, "view">> & { view?: Partial<StatusFacts["view"]> };

function facts({ view, ...rest }: Changed = {}): StatusFacts {
  return {
    connection: "online",
    nextAttemptAt: null,
    now: NOW,
    view: {
      status: "ready",
      saving: false,
      unsentCount: 0,
      readOnly: false,
      recovering: false,
      ...view,
    },
    ...rest,
  };
}

const words = (changed: Changed): string => describeStatus(facts(changed)).words;

describe("online", () => {
  test("saved, saving, read only", () => {
    expect(words({})).toBe("Saved");
    expect(words({ view: { saving: true, unsentCount: 1 } })).toBe("Saving…");
    expect(words({ view: { readOnly: true } })).toBe("Read only");
  });

  test("opening, and recovering what was edited before", () => {
    expect(words({ view: { status: "loading" } })).toBe("Opening…");
    const recovering = words({ view: { status: "loading", unsentCount: 2 } });
    expect(recovering).toBe("Recovering edits from before…");
    expect(words({ view: { recovering: true, saving: true } })).toBe(recovering);
  });

  test("a diagram that the server cannot reach", () => {
    expect(words({ view: { status: "unavailable", saving: true } })).toBe("Not reachable just now");
  });

  test("nothing is offered to do", () => {
    expect(describeStatus(facts()).action).toBeNull();
  });
});

describe("without a connection", () => {
  test("offline counts what waits", () => {
    expect(words({ connection: "offline" })).toBe("Offline, editing goes on");
    const one = words({ connection: "offline", view: { unsentCount: 1 } });
    expect(one).toBe("Offline, editing goes on, 1 change waits");
    const three = words({ connection: "offline", view: { unsentCount: 3 } });
    expect(three).toBe("Offline, editing goes on, 3 changes wait");
  });

  test("offline promises no editing where there is none", () => {
    const status = describeStatus(facts({ connection: "offline", view: { readOnly: true } }));
    expect(status.words).toBe("Offline");
    expect(status.hint).not.toContain("sent");
  });

  test("reconnecting counts down in whole seconds and can be hurried", () => {
    const at = (ms: number): string =>
      words({ connection: "reconnecting", nextAttemptAt: NOW + ms });
    expect(at(4_000)).toBe("Reconnecting in 4 s");
    expect(at(3_001)).toBe("Reconnecting in 4 s");
    expect(at(0)).toBe("Reconnecting…");
    expect(at(-500)).toBe("Reconnecting…");
    expect(describeStatus(facts({ connection: "reconnecting" })).action).toBe("retry");
  });

  test("signed out says what to do, and that nothing is lost", () => {
    const status = describeStatus(facts({ connection: "signed_out", view: { unsentCount: 2 } }));
    expect(status).toMatchObject({ action: "sign-in", tone: "bad" });
    expect(status.words).toBe("Signed out, 2 changes wait");
    expect(words({ connection: "signed_out" })).toBe("Signed out");
    expect(status.hint).toBe("2 changes wait. Sign in with a new link; what you see stays here.");
  });

  test("never says saved", () => {
    for (const connection of [
      "connecting",
      "reconnecting",
      "offline",
      "signed_out",
      "closed",
    ] as const) {
      expect(words({ connection })).not.toMatch(/saved/iu);
    }
  });
});
