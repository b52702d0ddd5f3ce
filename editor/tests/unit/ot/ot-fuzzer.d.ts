declare module "ot-fuzzer" {
  /** What is tried; the names are those of the `ot-types` interface. */
  export interface FuzzedType<Doc, Op> {
    name: string;
    create(initial?: Doc): Doc;
    apply(doc: Doc, op: Op): Doc;
    transform(op: Op, other: Op, side: "left" | "right"): Op;
    compose?(a: Op, b: Op): Op;
    invert?(op: Op): Op;
    makeInvertible?(op: Op, doc: Doc): Op;
    diff?(before: Doc, after: Doc): Op;
  }
  interface Fuzzer {
    <Doc, Op>(
      type: FuzzedType<Doc, Op>,
      generate: (doc: Doc) => [Op, Doc],
      iterations?: number,
    ): void;
    randomInt(n: number): number;
  }
  const fuzzer: Fuzzer;
  export default fuzzer;
}
