/** What the reference model is made of. */
export interface Thread {
  readonly id: number;
  priority: number;
  waits: Waits | null;
  label: number;
  length: number;
  caps: number;
  unwrapped: number;
  readonly registers: number[];
  buffer: Buffer | null;
  badge: number;
  bound: Notification | null;
  fault: Fault | null;
}
export interface Buffer {
  readonly words: number[];
  readonly capsOrBadges: number[];
  root: number;
  index: number;
  depth: number;
}
export interface Fault {
  readonly label: number;
  readonly words: number[];
  readonly obeys: boolean;
}
export type Waits =
  | {
      readonly kind: 'send';
      readonly at: Endpoint;
      readonly badge: number;
      readonly call: boolean;
      readonly grant: boolean;
      readonly grantReply: boolean;
    }
  | { readonly kind: 'receive'; readonly at: Endpoint; readonly reply: Reply | null }
  | { readonly kind: 'answer'; readonly reply: Reply }
  | { readonly kind: 'signal'; readonly at: Notification }
  | { readonly kind: 'for ever' };

export class Endpoint {
  readonly kind = 'endpoint';
  readonly name: number;
  queue: Thread[] = [];
  constructor(name: number) {
    this.name = name;
  }
}
export class Notification {
  readonly kind = 'notification';
  readonly name: number;
  queue: Thread[] = [];
  word: number | null = null;
  bound: Thread | null = null;
  constructor(name: number) {
    this.name = name;
  }
}
export class Reply {
  readonly kind = 'reply';
  readonly name: number;
  thread: Thread | null = null;
  constructor(name: number) {
    this.name = name;
  }
}
export class Other {
  readonly kind = 'other';
  readonly name: number;
  readonly alone: boolean;
  constructor(name: number, alone: boolean) {
    this.name = name;
    this.alone = alone;
  }
}
export interface Capability {
  readonly to: Endpoint | Notification | Reply | Other;
  readonly badge: number;
  readonly write: boolean;
  readonly read: boolean;
  readonly grant: boolean;
  readonly grantReply: boolean;
  readonly stuck: boolean;
}
