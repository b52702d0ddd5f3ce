/** Which tokens two lists have in common, after the longest blocks first (Ratcliff and Obershelp). */

/** A piece and what stands in its place; the same where nothing changed. */
export interface Run {
  readonly before: string;
  readonly after: string;
}

interface Block {
  readonly i: number;
  readonly j: number;
  readonly size: number;
}

/** Pairs that line up, in order, and that put together are all of `olds` and all of `news`. */
export function differingRuns(olds: readonly string[], news: readonly string[]): Run[] {
  const runs: Run[] = [];
  let i = 0;
  let j = 0;
  const upTo = (nextI: number, nextJ: number): void => {
    const before = olds.slice(i, nextI).join("");
    const after = news.slice(j, nextJ).join("");
    if (before !== "" || after !== "") runs.push({ before, after });
    i = nextI;
    j = nextJ;
  };
  for (const block of commonBlocks(olds, news)) {
    upTo(block.i, block.j);
    upTo(block.i + block.size, block.j + block.size);
  }
  upTo(olds.length, news.length);
  return runs;
}

/** Common blocks, none crossing another, in order. */
function commonBlocks(olds: readonly string[], news: readonly string[]): Block[] {
  const finder = new BlockFinder(olds, news);
  const blocks: Block[] = [];
  const open: [number, number, number, number][] = [[0, olds.length, 0, news.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [fromI, toI, fromJ, toJ] = range;
    const block = finder.longest(fromI, toI, fromJ, toJ);
    if (block.size === 0) continue;
    blocks.push(block);
    open.push([fromI, block.i, fromJ, block.j]);
    open.push([block.i + block.size, toI, block.j + block.size, toJ]);
  }
  return blocks.sort((x, y) => x.i - y.i);
}

class BlockFinder {
  /** For each token of the first list, where it stands in the second one. */
  readonly #places: (readonly number[])[];
  /** Lengths of the common blocks that end in the row before and in this one, by place + 1. */
  #above: Int32Array;
  #here: Int32Array;

  constructor(olds: readonly string[], news: readonly string[]) {
    const places = new Map<string, number[]>();
    news.forEach((token, j) => {
      const found = places.get(token);
      if (found === undefined) places.set(token, [j]);
      else found.push(j);
    });
    this.#places = olds.map((token) => places.get(token) ?? []);
    this.#above = new Int32Array(news.length + 1);
    this.#here = new Int32Array(news.length + 1);
  }

  /** The longest common block inside the two ranges, the first one where several are. */
  longest(fromI: number, toI: number, fromJ: number, toJ: number): Block {
    let best: Block = { i: fromI, j: fromJ, size: 0 };
    this.#above.fill(0, fromJ, toJ + 1);
    for (let i = fromI; i < toI; i += 1) {
      this.#here.fill(0, fromJ, toJ + 1);
      for (const j of this.#places[i] ?? []) {
        if (j < fromJ) continue;
        if (j >= toJ) break;
        const size = (this.#above[j] ?? 0) + 1;
        this.#here[j + 1] = size;
        if (size > best.size) best = { i: i - size + 1, j: j - size + 1, size };
      }
      [this.#above, this.#here] = [this.#here, this.#above];
    }
    return best;
  }
}
