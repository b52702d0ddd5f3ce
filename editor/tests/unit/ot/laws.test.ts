/** The laws of `docs/algebra.md`, by their letters, on diagrams and operations at random. */
import { describe, expect, test } from "vitest";
import {
  apply,
  applyInPlace,
  checkOperation,
  compose,
  copyDiagram,
  type Diagram,
  diagramFromJson,
  diagramToJson,
  diff,
  Footprints,
  invert,
  isEmpty,
  NOTHING,
  type Operation,
  operationFromJson,
  operationToJson,
  transform,
  wireForm,
} from "../../../src/ot/index.ts";
import { frozen } from "./cases.ts";
import { law, tryOften } from "./law.ts";
import { applied, expectDiagram, expectOperation, refusal } from "./proof.ts";
import type { Pick } from "./textWorld.ts";
import { drawDiagram, drawOperation } from "./world.ts";

/** The same with everything inside frozen: whoever writes to it throws. */
function frozenDiagram(S: Diagram): Diagram {
  return diagramFromJson(frozen(diagramToJson(S)));
}

function frozenOperation(a: Operation): Operation {
  return operationFromJson(frozen(operationToJson(a)));
}

function drawn(pick: Pick): Diagram {
  return frozenDiagram(drawDiagram(pick));
}

function edit(pick: Pick, S: Diagram): Operation {
  return frozenOperation(drawOperation(pick, S).a);
}

describe("apply", () => {
  law("A: it agrees with a plain copy changed by hand", (pick) => {
    const S = drawn(pick);
    const { a, after } = drawOperation(pick, S);
    expectDiagram("after", applied(S, frozenOperation(a)), diagramToJson(after));
  });

  law("A: what is drawn passes the check that looks at no diagram", (pick) => {
    expect(refusal(() => checkOperation(edit(pick, drawn(pick))))).toBeNull();
  });

  law("L: the log form does the same and logs the same", (pick) => {
    const S = drawn(pick);
    const { diagram, logged } = apply(S, edit(pick, S));
    const again = apply(S, frozenOperation(logged));
    expectDiagram("after", again.diagram, diagramToJson(diagram));
    expectOperation("log", again.logged, operationToJson(logged));
    expectDiagram("wire form", applied(S, wireForm(logged)), diagramToJson(diagram));
  });

  law("in place, over many operations, it does and refuses the same as on a new copy", (pick) => {
    const S = drawDiagram(pick);
    for (let left = 6; left > 0; left -= 1) {
      const { a, after } = drawOperation(pick, S);
      applyInPlace(S, a);
      expectDiagram("after", S, diagramToJson(after));
      for (const id of S.nodes.keys()) {
        const only: Operation = { ...NOTHING, nodes: new Map([[id, { type: "delete" }]]) };
        const fresh = refusal(() => apply(S, only));
        const kept = fresh === null ? null : refusal(() => applyInPlace(S, only));
        expect(kept).toEqual(fresh);
      }
    }
  });
});

describe("two operations", () => {
  for (const aWins of [true, false]) {
    law(`D: both roads round the diamond meet, ${aWins ? "a" : "b"} winning`, (pick) => {
      const S = drawn(pick);
      const a = edit(pick, S);
      const b = edit(pick, S);
      const a1 = transform(a, b, aWins);
      const b1 = transform(b, a, !aWins);
      const left = applied(applied(S, a), b1);
      expectDiagram("the other road", applied(applied(S, b), a1), diagramToJson(left));
    });
  }

  test("those that are drawn meet often, and who wins matters often", () => {
    let meet = 0;
    let decided = 0;
    let tried = 0;
    tryOften((pick) => {
      tried += 1;
      const S = drawn(pick);
      const [a, b] = [edit(pick, S), edit(pick, S)];
      const winning = JSON.stringify(operationToJson(transform(a, b, true)));
      const losing = JSON.stringify(operationToJson(transform(a, b, false)));
      if (winning !== JSON.stringify(operationToJson(a))) meet += 1;
      if (winning !== losing) decided += 1;
    });
    expect(meet).toBeGreaterThan(tried / 4);
    expect(decided).toBeGreaterThan(tried / 8);
  });

  law("M: what cannot meet passes by", (pick) => {
    const S = drawn(pick);
    const [a, b] = [edit(pick, S), edit(pick, S)];
    const footprints = new Footprints();
    footprints.add(b, 1);
    if (footprints.mayMeet(a, 0)) return;
    expectOperation("a", transform(a, b, false), operationToJson(a));
    expectOperation("b", transform(b, a, false), operationToJson(b));
  });

  law("C: the composed operation does what both do", (pick) => {
    const S = drawn(pick);
    const a = edit(pick, S);
    const after = frozenDiagram(applied(S, a));
    const b = edit(pick, after);
    const ab = compose(a, b);
    expectDiagram("after", applied(S, ab), diagramToJson(applied(after, b)));
    expectOperation("compose with nothing", compose(NOTHING, a), operationToJson(a));
  });

  law("CA: it does not matter which two are composed first", (pick) => {
    const S = drawn(pick);
    const a = edit(pick, S);
    const afterA = applied(S, a);
    const b = edit(pick, afterA);
    const c = edit(pick, applied(afterA, b));
    const left = compose(compose(a, b), c);
    expectOperation("a;(b;c)", compose(a, compose(b, c)), operationToJson(left));
  });
});

describe("invert and diff", () => {
  law("I: the inverse takes it back, and its own inverse does it again", (pick) => {
    const S = drawn(pick);
    const { diagram, logged } = apply(S, edit(pick, S));
    const inverse = invert(frozenOperation(logged));
    const back = apply(diagram, inverse);
    expectDiagram("back", back.diagram, diagramToJson(S));
    expectOperation("its log form", back.logged, operationToJson(inverse));
    expectDiagram("again", applied(S, invert(inverse)), diagramToJson(diagram));
  });

  law("F: the difference leads from one to the other; to itself there is none", (pick) => {
    const S = drawn(pick);
    const T = frozenDiagram(applied(S, edit(pick, S)));
    expectDiagram("after", applied(S, diff(S, T)), diagramToJson(T));
    expect(isEmpty(diff(S, frozenDiagram(copyDiagram(S))))).toBe(true);
    const other = drawn(pick);
    expectDiagram("any other", applied(S, diff(S, other)), diagramToJson(other));
  });
});

describe("JSON", () => {
  law("diagrams and operations come back as they went", (pick) => {
    const S = drawn(pick);
    const { logged } = apply(S, edit(pick, S));
    const text = JSON.stringify([diagramToJson(S), operationToJson(logged)]);
    const [diagram, operation] = JSON.parse(text);
    expectDiagram("diagram", diagramFromJson(diagram), diagramToJson(S));
    expectOperation("operation", operationFromJson(operation), operationToJson(logged));
    expect(operationFromJson(operation)).toEqual(logged);
    expect(diagramFromJson(diagram)).toEqual(S);
  });
});
