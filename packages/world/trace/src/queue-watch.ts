/**
 * How many casts wait in each queue, and whose casts they are: looked at whenever a component at either end begins or
 * ends a handler. A queue that grew holds what its producer's running handler appended; one that shrank was emptied by
 * its consumer's.
 *
 * DEVIATION: what a higher component appends and a lower one takes between two looks is not seen.
 */
import type { Connection } from '@bulkhead/assembler';

export interface Queue {
  readonly name: string;
  readonly producer: number;
  readonly consumer: number;
  readonly length: number;
}
/** The oldest cast that has not been taken. */
export interface Append {
  readonly producer: number;
  /** When it was seen first; -1: there is none. */
  readonly appendedAt: number;
  /** When the handler that appended it was entered. */
  readonly producerEnteredAt: number;
}
export interface Watched extends Queue {
  readonly index: number;
  seen: number;
  appendedAt: number;
  producerEnteredAt: number;
  /** Something was taken since the consumer's last handler ended. */
  taken: boolean;
}

export class QueueWatch {
  readonly queues: readonly Watched[];
  /** By component: the queues of which it is an end. */
  readonly #of: readonly (readonly Watched[])[];
  readonly #changed: (queue: Watched) => void;

  /** @param changed is told of a queue whose length is another than at the last look. */
  constructor(queues: readonly Queue[], componentCount: number, changed: (queue: Watched) => void) {
    this.queues = queues.map((queue, index) => new WatchedQueue(queue, index));
    this.#of = Array.from({ length: componentCount }, (_, component) =>
      this.queues.filter(({ producer, consumer }) => producer === component || consumer === component),
    );
    this.#changed = changed;
  }

  /** @param enteredAt of a component: when its running handler was entered; -1 when it has none. */
  look(component: number, atCycles: number, enteredAt: (component: number) => number): void {
    for (const queue of this.#of[component] ?? []) {
      const { length } = queue;
      if (length === queue.seen) continue;
      if (length < queue.seen) queue.taken = true;
      else this.#appended(queue, atCycles, enteredAt(queue.producer));
      queue.seen = length;
      this.#changed(queue);
    }
  }
  /** A handler of `component` has ended: from whom it took. */
  *takenBy(component: number): Generator<Append> {
    for (const queue of this.#of[component] ?? []) {
      if (queue.consumer !== component || !queue.taken) continue;
      queue.taken = false;
      const { producer, appendedAt, producerEnteredAt } = queue;
      queue.appendedAt = -1;
      if (appendedAt >= 0) yield { producer, appendedAt, producerEnteredAt };
    }
  }

  #appended(queue: Watched, atCycles: number, producerEnteredAt: number): void {
    if (queue.appendedAt >= 0 || producerEnteredAt < 0) return;
    queue.appendedAt = atCycles;
    queue.producerEnteredAt = producerEnteredAt;
  }
}

class WatchedQueue implements Watched {
  readonly name: string;
  readonly index: number;
  readonly producer: number;
  readonly consumer: number;
  seen = 0;
  appendedAt = -1;
  producerEnteredAt = -1;
  taken = false;
  readonly #queue: Queue;

  constructor(queue: Queue, index: number) {
    this.name = queue.name;
    this.index = index;
    this.producer = queue.producer;
    this.consumer = queue.consumer;
    this.#queue = queue;
  }
  get length(): number {
    return this.#queue.length;
  }
}

/** Both directions of every connection. A queue is another when an end was started again, and so is asked for each time. */
export function queuesOf(connections: readonly Connection[]): Queue[] {
  return connections.flatMap((connection) => {
    const { client, server, contract } = connection;
    const [up, down] = [`${client.seat.name} → ${server.seat.name}`, `${server.seat.name} → ${client.seat.name}`];
    const queues: Queue[] = [];
    if (connection.queuesUp)
      queues.push({
        name: `${up} (${contract.name})`,
        producer: client.seat.index,
        consumer: server.seat.index,
        get length() {
          return Math.max(0, connection.upQueue?.length ?? 0);
        },
      });
    if (connection.events.length > 0)
      queues.push({
        name: `${down} (${contract.name})`,
        producer: server.seat.index,
        consumer: client.seat.index,
        get length() {
          return Math.max(0, connection.downQueue?.length ?? 0);
        },
      });
    return queues;
  });
}
