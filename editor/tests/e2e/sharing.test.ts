/** A diagram is shared, its guest comes, goes on and has to go; another one goes to the trash and back. */
import { afterAll, afterEach, expect, test } from "vitest";
import { waitUntil } from "../support/wait.ts";
import { labelIn, PATIENCE_MS, type Person } from "./stage/person.ts";
import { deliveries } from "./stage/samples.ts";
import { Stage } from "./stage/stage.ts";

/** What is promised, and what this machine may take besides, which has much to do. */
const PROMPTLY_MS = 1_000 + 2_000;

const stage = await Stage.open();
afterEach(() => stage.clear());
afterAll(() => stage.close());

async function opensSharing(owner: Person): Promise<void> {
  await owner.page.getByRole("button", { name: "Share", exact: true }).click();
  await owner.page.getByRole("dialog", { name: "Share this diagram" }).waitFor();
}

/** Makes a link for viewers in the open dialog and returns it as it is shown, this once. */
async function makesLink(owner: Person): Promise<string> {
  await owner.page.getByRole("button", { name: "Make a link" }).click();
  const shown = owner.page.locator(".app-copy", { hasText: "/share#" }).locator("code");
  return (await shown.textContent()) ?? "";
}

async function entersAs(guest: Person, name: string, link: string): Promise<void> {
  await guest.page.goto(link);
  await guest.page.getByLabel("Your name, as others will see it").fill(name);
  await guest.page.getByRole("button", { name: "Open the diagram" }).click();
  await guest.sees("the diagram", (view) => view.status === "ready");
}

test("a guest comes by a link as a viewer, is made an editor without reloading, and is out when the link is revoked", async () => {
  const diagramId = await stage.newDiagram({ title: "Ours", content: deliveries() });
  const [owner, guest] = await Promise.all([stage.person(), stage.stranger()]);
  await owner.open(diagramId);
  await opensSharing(owner);
  const link = await makesLink(owner);
  await entersAs(guest, "Gus", link);

  // The secret is neither in the address nor in what can be gone back to.
  expect(guest.page.url()).not.toContain("#");
  expect(guest.page.url()).toContain(`/d/${diagramId}`);
  await guest.sees("it is only looked at", (view) => view.readOnly === true);
  await guest.node("order").dblclick();
  expect(await guest.labelEditor("order").count()).toBe(0);
  await guest.drags("order", { x: 80, y: 40 });
  const before = await stage.toldByServer(diagramId);
  expect(before.revision).toBe(0);

  await owner.presses("Escape");
  await opensSharing(owner);
  await owner.page.getByLabel("Role of Gus").selectOption({ label: "Can edit" });
  await guest.sees("it may be edited", (view) => view.readOnly === false);
  await owner.presses("Escape");
  await guest.editLabel("order");
  await guest.moveCaret("end");
  await guest.types(" by Gus");
  await guest.presses("Escape");
  await owner.sees("what the guest wrote", (view) =>
    `${labelIn(view, "order")}`.endsWith("by Gus"),
  );

  await opensSharing(owner);
  const revoke = owner.page.getByRole("button", { name: /^Revoke the link/ });
  await revoke.click();
  const asked = Date.now();
  await guest.shows(/^signed out/i);
  expect(Date.now() - asked).toBeLessThan(PROMPTLY_MS);
  await owner.presses("Escape");
  // What was seen stays on the page until it goes; it cannot be had again.
  await guest.goTo(`/d/${diagramId}`);
  await guest.page.getByRole("heading", { level: 1 }).waitFor();
  expect(await guest.node("order").count()).toBe(0);
  expect((await stage.toldByServer(diagramId)).diagram).toContain("Order comes in by Gus");
  // The link itself leads nowhere any more.
  await guest.page.goto("about:blank");
  await guest.page.goto(link);
  await guest.page.getByRole("button", { name: "Open the diagram" }).click();
  await guest.page.getByRole("heading", { name: "This link was taken back" }).waitFor();
  await stage.leaves(guest);
});

test("a deleted diagram closes for who has it open, waits in the trash and comes back as it was", async () => {
  const diagramId = await stage.newDiagram({ title: "Thrown away", content: deliveries() });
  const before = await stage.toldByServer(diagramId);
  const [owner, other] = await Promise.all([stage.person(), stage.person()]);
  await other.open(diagramId);
  await owner.goTo("/");
  await owner.page.getByRole("button", { name: "More for Thrown away" }).click();
  await owner.page.getByRole("button", { name: "Delete", exact: true }).click();
  await owner.page.getByRole("button", { name: "Move to trash" }).click();
  await other.page.getByRole("heading", { name: "This diagram was deleted" }).waitFor();

  await owner.goTo("/trash");
  await owner.page.getByRole("heading", { name: "Thrown away" }).waitFor();
  await owner.page.getByRole("button", { name: "Restore Thrown away" }).click();
  await owner.page.getByRole("status").filter({ hasText: "is back among your diagrams" }).waitFor();

  await other.open(diagramId);
  await owner.open(diagramId);
  await other.drawsAll();
  const after = await stage.toldByServer(diagramId);
  expect(after.diagram).toBe(before.diagram);
  await waitUntil("the trash is empty", async () => await isTrashEmpty(owner), PATIENCE_MS);
});

async function isTrashEmpty(person: Person): Promise<boolean> {
  await person.goTo("/trash");
  await person.page.locator("h1", { hasText: "Trash" }).waitFor();
  return (await person.page.getByRole("heading", { name: "The trash is empty" }).count()) === 1;
}
