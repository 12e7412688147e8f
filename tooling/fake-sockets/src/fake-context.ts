/** What a server over sockets is given, without a system: memory, a region shared with the stack, work that is counted. */
import { type Right, right } from '@bulkhead/abi';
import { type Context, FlatMemory, type Region, Window, type Work } from '@bulkhead/runtime';

const PAGE_BYTES = 4096;
const SHARED_PAGES = 16;
export const SHARED_BYTES: number = SHARED_PAGES * PAGE_BYTES;

export interface FakeContextOptions<Config> {
  /** What differs from the definition's own. */
  readonly config?: Partial<Config>;
  /** When the memory is to be watched. */
  readonly memoryOf?: (pageCount: number) => FlatMemory;
}
/** What of a component's definition its context follows from. */
interface Needs<Config> {
  readonly heapPages: number;
  readonly work: readonly string[];
  readonly config: Config;
}

export class FakeContext<Config extends object> implements Context<Config> {
  readonly self = 1;
  readonly memory: FlatMemory;
  readonly heap: Window;
  readonly sharedWindow: Window;
  readonly answer: Int32Array = new Int32Array(8);
  readonly config: Config;
  readonly work: Work;
  /** How many pieces of work were charged, by name. */
  readonly spent: Record<string, number>;
  timeUs = 0;

  constructor({ heapPages, work, config }: Needs<Config>, options: FakeContextOptions<Config> = {}) {
    const { memoryOf = (pageCount) => new FlatMemory(pageCount) } = options;
    const spent = Object.fromEntries(work.map((name) => [name, 0]));
    const spendMany = (id: number, count: number): void => {
      spent[work[id]!]! += count;
    };
    this.memory = memoryOf(heapPages + SHARED_PAGES);
    this.heap = new Window(this.memory, 0, 0, heapPages * PAGE_BYTES);
    this.sharedWindow = new Window(this.memory, heapPages, 0, SHARED_BYTES);
    this.config = { ...config, ...options.config };
    this.work = { id: (name) => work.indexOf(name), spend: (id) => spendMany(id, 1), spendMany };
    this.spent = spent;
  }
  right(): Right {
    return right(0);
  }
  region(): Region {
    return this.shared();
  }
  shared(): Region {
    return { window: this.sharedWindow, frame: right(0), frameCount: SHARED_PAGES, frameSizeBits: 12 };
  }
  nowUs(): number {
    return this.timeUs;
  }
}
