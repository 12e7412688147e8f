import { describe, expect, it } from 'vitest';
import { QueueWatch } from '../src/queue-watch.ts';

const PRODUCER = 0;
const CONSUMER = 1;
/** A queue whose length the test sets, and what the watch says of it. */
class Rig {
  length = 0;
  readonly changes: number[] = [];
  readonly watch: QueueWatch;
  /** When the producer's running handler was entered; -1: none runs. */
  producerEnteredAt = 100;

  constructor() {
    const rig = this;
    const queue = {
      name: 'a → b',
      producer: PRODUCER,
      consumer: CONSUMER,
      get length() {
        return rig.length;
      },
    };
    this.watch = new QueueWatch([queue], 3, (changed) => this.changes.push(changed.length));
  }
  look(component: number, length: number, atCycles: number): void {
    this.length = length;
    this.watch.look(component, atCycles, (other) => (other === PRODUCER ? this.producerEnteredAt : -1));
  }
  taken(component: number): readonly (readonly number[])[] {
    return [...this.watch.takenBy(component)].map((queue) => [queue.appendedAt, queue.producerEnteredAt]);
  }
}

describe('A watched queue', () => {
  it('tells a change once, to whichever end looks', () => {
    const rig = new Rig();
    rig.look(PRODUCER, 0, 1);
    rig.look(PRODUCER, 2, 2);
    rig.look(CONSUMER, 2, 3);
    rig.look(CONSUMER, 0, 4);
    expect(rig.changes).toEqual([2, 0]);
  });
  it('is none of the business of others', () => {
    const rig = new Rig();
    rig.look(2, 5, 1);
    rig.look(77, 5, 1);
    expect(rig.changes).toEqual([]);
  });
  it('that was emptied names the oldest append that was not taken, and names it once', () => {
    const rig = new Rig();
    rig.look(PRODUCER, 1, 110);
    rig.producerEnteredAt = 200;
    rig.look(PRODUCER, 3, 210);
    rig.look(CONSUMER, 0, 300);
    expect(rig.taken(PRODUCER)).toEqual([]);
    expect(rig.taken(CONSUMER)).toEqual([[110, 100]]);
    expect(rig.taken(CONSUMER)).toEqual([]);
    rig.look(PRODUCER, 1, 310);
    expect(rig.taken(CONSUMER)).toEqual([]);
    rig.look(CONSUMER, 0, 400);
    expect(rig.taken(CONSUMER)).toEqual([[310, 200]]);
  });
  it('that shrank while its producer looked was taken from all the same', () => {
    const rig = new Rig();
    rig.look(PRODUCER, 4, 110);
    rig.look(PRODUCER, 2, 120);
    expect(rig.taken(CONSUMER)).toEqual([[110, 100]]);
  });
  it('that grew while no handler of its producer ran names nobody', () => {
    const rig = new Rig();
    rig.producerEnteredAt = -1;
    rig.look(CONSUMER, 2, 110);
    rig.look(CONSUMER, 0, 120);
    expect(rig.taken(CONSUMER)).toEqual([]);
  });
});
