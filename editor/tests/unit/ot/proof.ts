/** Holding the operation type to the cases, one function for each kind of line. */
import {
  type AuthorKind,
  apply,
  applyText,
  Client,
  checkOperation,
  checkText,
  codePointLength,
  compose,
  composeText,
  type Diagram,
  diagramToJson,
  diff,
  invert,
  invertText,
  type Json,
  jsonEqual,
  logText,
  type Operation,
  OperationError,
  operationFromJson,
  operationToJson,
  type Policy,
  ProtocolViolation,
  type Submission,
  type TextEdit,
  textEditToJson,
  transform,
  transformText,
  wireForm,
} from "../../../src/ot/index.ts";
import { Case } from "./cases.ts";

/** Throws, showing both, unless they are equal as JSON. */
export function expectJson(what: string, found: Json, expected: Json): void {
  if (jsonEqual(found, expected)) return;
  const shown = `found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
  throw new Error(`${what}: ${shown}`);
}

export function expectDiagram(what: string, found: Diagram, expected: Json): void {
  expectJson(what, diagramToJson(found), expected);
}

export function expectOperation(what: string, found: Operation, expected: Json): void {
  expectJson(what, operationToJson(found), expected);
}

/** The diagram after the operation; throws if that changed the diagram or the operation. */
export function applied(S: Diagram, a: Operation): Diagram {
  const before = diagramToJson(S);
  const operation = operationToJson(a);
  const { diagram } = apply(S, a);
  expectDiagram("the argument", S, before);
  expectOperation("the operation", a, operation);
  return diagram;
}

/** Code and place of the OperationError that `attempt` throws, else `null`. */
export function refusal(attempt: () => unknown): { code: string; at: string } | null {
  try {
    attempt();
  } catch (error) {
    if (error instanceof OperationError) return { code: error.code, at: error.at };
    throw error;
  }
  return null;
}

/** Proves one line; throws where the answer is another. By the name of the file. */
export const PROOFS: Readonly<Record<string, (line: Case) => void>> = {
  apply: proveApply,
  refuse: proveRefuse,
  check: proveCheck,
  transform: proveTransform,
  compose: proveCompose,
  invert: proveInvert,
  diff: proveDiff,
  misuse: proveMisuse,
  text_apply: proveTextApply,
  text_refuse: proveTextRefuse,
  text_transform: proveTextTransform,
  text_compose: proveTextCompose,
  client: proveClient,
};

function proveApply(line: Case): void {
  const S = line.diagram("diagram");
  const a = line.operation("a");
  const { diagram, logged } = apply(S, a);
  expectDiagram("after", diagram, line.value("after"));
  expectOperation("log", logged, line.value("log"));
  expectDiagram("the argument", S, line.value("diagram"));
  expectOperation("the operation", a, line.value("a"));
}

function proveRefuse(line: Case): void {
  const S = line.diagram("diagram");
  const a = line.operation("a");
  const expected = { code: line.value("code"), at: line.value("at") };
  expectJson(
    "the error",
    refusal(() => apply(S, a)),
    expected,
  );
  expectDiagram("the diagram", S, line.value("diagram"));
}

function proveCheck(line: Case): void {
  const a = line.operation("a");
  const expected = { code: line.value("code"), at: line.value("at") };
  expectJson(
    "the error",
    refusal(() => checkOperation(a)),
    expected,
  );
}

function proveTransform(line: Case): void {
  const S = line.diagram("diagram");
  const a = line.operation("a");
  const b = line.operation("b");
  for (const aWins of [true, false]) {
    const met = line.inside(aWins ? "a_wins" : "b_wins");
    const a1 = transform(a, b, aWins);
    const b1 = transform(b, a, !aWins);
    expectOperation(`a1, aWins=${aWins}`, a1, met.value("a1"));
    expectOperation(`b1, aWins=${aWins}`, b1, met.value("b1"));
    expectDiagram("a, then b1", applied(applied(S, a), b1), met.value("merged"));
    expectDiagram("b, then a1", applied(applied(S, b), a1), met.value("merged"));
  }
  expectOperation("a afterwards", a, line.value("a"));
  expectOperation("b afterwards", b, line.value("b"));
}

function proveCompose(line: Case): void {
  const S = line.diagram("diagram");
  const a = line.operation("a");
  const b = line.operation("b");
  const ab = compose(a, b);
  expectOperation("ab", ab, line.value("ab"));
  expectDiagram("after ab", applied(S, ab), line.value("after"));
  expectDiagram("after a, then b", applied(applied(S, a), b), line.value("after"));
  expectOperation("a afterwards", a, line.value("a"));
}

function proveInvert(line: Case): void {
  const log = line.operation("log");
  const inverse = invert(log);
  expectOperation("inverse", inverse, line.value("inverse"));
  const { diagram, logged } = apply(line.diagram("after"), inverse);
  expectDiagram("back", diagram, line.value("diagram"));
  expectOperation("log form of the inverse", logged, line.value("inverse"));
  expectOperation("the log form afterwards", log, line.value("log"));
}

function proveDiff(line: Case): void {
  const S = line.diagram("diagram");
  const d = diff(S, line.diagram("after"));
  const expected = line.operation("d");
  expectDiagram("after", applied(S, d), line.value("after"));
  expectJson("nodes", [...d.nodes.keys()].sort(), [...expected.nodes.keys()].sort());
  expectJson("edges", [...d.edges.keys()].sort(), [...expected.edges.keys()].sort());
  if (line.value("exact") === true) expectOperation("d", d, line.value("d"));
}

function proveMisuse(line: Case): void {
  const a = line.operation("a");
  const found = refusal(() => misuse(line.text("function"), a, line.maybe("b")));
  expectJson("code", found?.code ?? null, line.value("code"));
}

function misuse(name: string, a: Operation, b: Json): Operation {
  if (name === "invert") return invert(a);
  const other = operationFromJson(b);
  return name === "compose" ? compose(a, other) : transform(a, other, true);
}

function expectEdit(what: string, found: TextEdit, expected: Json): void {
  expectJson(what, textEditToJson(found), expected);
}

function proveTextApply(line: Case): void {
  const text = line.text("text");
  const edit = line.edit("edit");
  const log = logText(text, edit);
  expectJson("after", applyText(text, edit), line.value("after"));
  expectEdit("log", log, line.value("log"));
  expectEdit("inverse", invertText(log), line.value("inverse"));
  expectJson("back", applyText(line.text("after"), line.edit("inverse")), text);
  expectEdit("the edit afterwards", edit, line.value("edit"));
}

function proveTextRefuse(line: Case): void {
  const edit = line.edit("edit");
  const found = refusal(() => checkText(edit, codePointLength(line.text("text")), ""));
  expectJson("code", found?.code ?? null, line.value("code"));
}

function proveTextTransform(line: Case): void {
  const text = line.text("text");
  const a = line.edit("a");
  const b = line.edit("b");
  for (const aFirst of [true, false]) {
    const met = line.inside(aFirst ? "a_first" : "b_first");
    const a1 = transformText(a, b, aFirst);
    const b1 = transformText(b, a, !aFirst);
    expectEdit("a1", a1, met.value("a1"));
    expectEdit("b1", b1, met.value("b1"));
    expectJson("a, then b1", applyText(applyText(text, a), b1), met.value("merged"));
    expectJson("b, then a1", applyText(applyText(text, b), a1), met.value("merged"));
  }
  expectEdit("a afterwards", a, line.value("a"));
}

function proveTextCompose(line: Case): void {
  const ab = composeText(line.edit("a"), line.edit("b"));
  expectEdit("ab", ab, line.value("ab"));
  expectJson("after", applyText(line.text("text"), ab), line.value("after"));
}

function proveClient(line: Case): void {
  const kind = authorKind(line.text("kind"));
  const policy = policyOf(line.text("policy"));
  const S = line.diagram("diagram");
  const client = new Client(S, line.number("revision"), { kind, policy });
  line.list("steps").forEach((json, number) => {
    const step = new Case(json);
    const submission = take(client, step, `step ${number}`);
    expectJson(`step ${number} sends`, sent(submission), step.maybe("sends"));
    expectJson(`state after step ${number}`, client.state, step.value("state"));
    expectJson(`revision after step ${number}`, client.revision, step.value("revision"));
  });
  expectDiagram("shown", client.diagram, line.value("shown"));
  expectDiagram("confirmed", client.confirmed, line.value("confirmed"));
  expectDiagram("the snapshot afterwards", S, line.value("diagram"));
}

function sent(submission: Submission | null): Json {
  if (submission === null) return null;
  const { baseRevision, sequence, operation } = submission;
  return { base_revision: baseRevision, sequence, operation: operationToJson(operation) };
}

function authorKind(name: string): AuthorKind {
  if (name === "user" || name === "agent" || name === "system") return name;
  throw new Error(`No kind of author: ${name}`);
}

function policyOf(name: string): Policy {
  if (name === "later_wins" || name === "humans_first" || name === "agents_first") return name;
  throw new Error(`No policy: ${name}`);
}

function take(client: Client, step: Case, at: string): Submission | null {
  switch (step.text("do")) {
    case "edit":
      return takeEdit(client, step, at);
    case "receive":
      return takeReceive(client, step, at);
    case "acknowledge":
      return client.acknowledge(step.number("sequence"));
    case "reject":
      return takeReject(client, step, at);
    case "resend":
      return client.resend();
    case "reset": {
      const unsent = step.list("unsent").map(operationFromJson);
      return client.reset(step.diagram("diagram"), step.number("at"), unsent);
    }
    case "violation":
      return takeViolation(client, step, at);
    default:
      throw new Error(`${at}: no such step`);
  }
}

function takeEdit(client: Client, step: Case, at: string): Submission | null {
  let submission: Submission | null = null;
  const found = refusal(() => {
    submission = client.edit(step.operation("operation"));
  });
  expectJson(`${at} code`, found?.code ?? null, step.maybe("code"));
  return submission;
}

function takeReceive(client: Client, step: Case, at: string): null {
  const kind = authorKind(step.text("author_kind"));
  const shows = client.receive(step.operation("operation"), kind);
  expectOperation(`${at} shows`, wireForm(shows), step.value("shows"));
  return null;
}

function takeReject(client: Client, step: Case, at: string): Submission | null {
  const { undo, submission } = client.reject(step.number("sequence"));
  expectOperation(`${at} shows`, wireForm(undo), step.value("shows"));
  return submission;
}

function takeViolation(client: Client, step: Case, at: string): null {
  const sequence = step.number("sequence");
  try {
    if (step.text("message") === "acknowledge") client.acknowledge(sequence);
    else client.reject(sequence);
  } catch (error) {
    if (error instanceof ProtocolViolation) return null;
    throw error;
  }
  throw new Error(`${at}: took ${step.text("message")} ${sequence}`);
}
