/** A download that meets a fault on its way. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { HttpLoad } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, guestAddress } from '@bulkhead/test-systems';
import { bytesPage } from '@bulkhead/web-server';
import { type BitFlip, type Injection, injectBitFlip } from '../src/index.ts';

const BOOT_NS = 20_000_000;
const STEP_NS = 1_000_000;

export interface Outcome {
  readonly system: System;
  readonly injection: Injection | null;
  readonly load: HttpLoad;
  /** Bytes that came, and how many of them were not those of the page. */
  readonly received: number;
  readonly wrong: number;
}
export interface DownloadOptions extends AssembleOptions {
  readonly lenBytes?: number;
  /** What is waited for, in simulated time. */
  readonly patienceNs?: number;
}

/** Downloads `/bytes/N` in simulated time, with the fault armed before the first byte. */
export function download(description: Description, fault: BitFlip | null, options: DownloadOptions = {}): Outcome {
  const { lenBytes = 500_000, patienceNs = 5e9, ...assembleOptions } = options;
  const system = assemble(description, assembleOptions);
  const { clock } = system;
  system.runUntil(clock.cyclesOf(BOOT_NS));
  const injection = fault === null ? null : injectBitFlip(system, fault);
  let received = 0;
  let wrong = 0;
  const load = new HttpLoad({
    system,
    clients: 1,
    requests: 1,
    path: `/bytes/${lenBytes}`,
    address: guestAddress,
    port: HTTP_PORT,
    config: farEndConfig(5),
    onBody: (bytes, from, to) => {
      for (let at = from; at < to; at++) if (bytes[at] !== bytesPage(received++)) wrong++;
    },
  });
  load.start();
  const end = clock.now + clock.cyclesOf(patienceNs);
  while (!load.isDone && clock.now < end && system.panic === null) system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
  return { system, injection, load, received, wrong };
}
