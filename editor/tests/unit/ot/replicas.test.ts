/** Law R: clients of one server show its diagram in the end, whatever happened in which order. */
import { expect } from "vitest";
import {
  type AuthorKind,
  applyInPlace,
  Client,
  copyDiagram,
  type Diagram,
  diagramToJson,
  laterWinsOver,
  type Operation,
  operationFromJson,
  operationToJson,
  type Policy,
  type Submission,
  transform,
} from "../../../src/ot/index.ts";
import { law } from "./law.ts";
import { expectDiagram } from "./proof.ts";
import { type Pick, pickOf } from "./textWorld.ts";
import { drawDiagram, drawOperation } from "./world.ts";

interface Commit {
  readonly operation: Operation;
  readonly author: Replica;
  readonly sequence: number;
}

/** A client, the way from it to the server and the way back. */
class Replica {
  readonly kind: AuthorKind;
  readonly client: Client;
  outbox: Submission | null = null;
  /** A sequence that was refused comes between the commits of others. */
  readonly inbox: (Commit | number)[] = [];

  constructor(S: Diagram, kind: AuthorKind, policy: Policy) {
    this.kind = kind;
    this.client = new Client(S, 0, { kind, policy });
  }

  edit(pick: Pick): void {
    const { a } = drawOperation(pick, this.client.diagram);
    this.outbox = this.client.edit(a) ?? this.outbox;
  }

  hear(): void {
    const message = this.inbox.shift();
    if (message === undefined) return;
    if (typeof message === "number") {
      this.outbox = this.client.reject(message).submission ?? this.outbox;
    } else if (message.author === this) {
      this.outbox = this.client.acknowledge(message.sequence) ?? this.outbox;
    } else {
      this.client.receive(message.operation, message.author.kind);
    }
  }
}

class Server {
  readonly diagram: Diagram;
  readonly policy: Policy;
  readonly commits: Commit[] = [];
  readonly replicas: Replica[];

  constructor(pick: Pick, S: Diagram) {
    this.diagram = copyDiagram(S);
    const policies: Policy[] = ["later_wins", "humans_first", "agents_first"];
    this.policy = pickOf(pick, policies);
    const kinds: AuthorKind[] = ["user", "user", "agent"];
    this.replicas = kinds.map((kind) => new Replica(S, kind, this.policy));
  }

  /** Commits what the replica has sent, or refuses it. */
  take(author: Replica, refuse: boolean): void {
    const submission = author.outbox;
    author.outbox = null;
    if (submission === null) return;
    const { sequence, baseRevision } = submission;
    if (refuse) {
      author.inbox.push(sequence);
      return;
    }
    let operation = operationFromJson(operationToJson(submission.operation));
    for (const earlier of this.commits.slice(baseRevision)) {
      const wins = laterWinsOver(this.policy, author.kind, earlier.author.kind);
      operation = transform(operation, earlier.operation, wins);
    }
    applyInPlace(this.diagram, operation);
    const commit = { operation, author, sequence };
    this.commits.push(commit);
    for (const replica of this.replicas) replica.inbox.push(commit);
  }

  get quiet(): boolean {
    return this.replicas.every((r) => r.outbox === null && r.inbox.length === 0);
  }
}

law(
  "clients of one server show its diagram in the end",
  (pick) => {
    const server = new Server(pick, drawDiagram(pick));
    for (let left = 25; left > 0; left -= 1) {
      const replica = pickOf(pick, server.replicas);
      const what = pick(4);
      if (what < 2) replica.edit(pick);
      else if (what === 2) replica.hear();
      else server.take(replica, pick(6) === 0);
    }
    for (let rounds = 200; !server.quiet; rounds -= 1) {
      expect(rounds).toBeGreaterThan(0);
      for (const replica of server.replicas) {
        server.take(replica, false);
        replica.hear();
      }
    }
    for (const { client } of server.replicas) {
      expect(client.state).toBe("synchronised");
      expect(client.revision).toBe(server.commits.length);
      expectDiagram("shown", client.diagram, diagramToJson(server.diagram));
      expectDiagram("confirmed", client.confirmed, diagramToJson(server.diagram));
    }
  },
  300,
);
