// Reads JSON lines from standard input: edits of one text and what ot.text made of them. Holds each
// to what ot-text-unicode makes of the same, prints the first differences and, last, the counts.
import { createInterface } from "node:readline";
import ot from "ot-text-unicode";

const { type } = ot;
const MOST_SHOWN = 10;

// What each answer is called, and how the public type arrives at it.
const answers = {
  after: ({ text, a }) => type.apply(text, a),
  aFirst: ({ a, b }) => type.transform(a, b, "left"),
  aLast: ({ a, b }) => type.transform(a, b, "right"),
  bFirst: ({ a, b }) => type.transform(b, a, "left"),
  bLast: ({ a, b }) => type.transform(b, a, "right"),
  composed: ({ a, then }) => type.compose(a, then),
  log: ({ text, a }) => type.makeInvertible(a, text),
  inverse: ({ text, a }) => type.invert(type.makeInvertible(a, text)),
  normal: ({ loose }) => type.normalize(loose),
};

let cases = 0;
let differences = 0;

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { given, found } = JSON.parse(line);
  cases += 1;
  for (const [name, answer] of Object.entries(answers)) {
    const expected = answer(given);
    if (JSON.stringify(expected) === JSON.stringify(found[name])) continue;
    differences += 1;
    if (differences <= MOST_SHOWN) {
      console.log(JSON.stringify({ name, given, found: found[name], expected }));
    }
  }
}
console.log(JSON.stringify({ cases, differences }));
