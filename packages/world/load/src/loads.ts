/** The load that a workload asks for: who speaks what, to which port. */
import type { System } from '@bulkhead/assembler';
import { ECHO_PORT, HTTP_PORT, KV_PORT, STREAM_PORT } from '@bulkhead/parts';
import { PATTERN_PERIOD_BYTES, patternByte } from '@bulkhead/stream-server';
import { bytesPage } from '@bulkhead/web-server';
import { HttpDialogue } from './http-dialogue.ts';
import { KvDialogue } from './kv-dialogue.ts';
import type { Load } from './load.ts';
import type { MeasureOptions } from './measure.ts';
import { StreamDialogue } from './stream-dialogue.ts';
import { TcpLoad } from './tcp-load.ts';
import { UdpLoad } from './udp-load.ts';
import type { WorkloadName } from './workload.ts';

type Networked = Exclude<WorkloadName, 'null-call'>;

const PORTS: Readonly<Record<Networked, number>> = {
  'udp-echo': ECHO_PORT,
  'tcp-stream': STREAM_PORT,
  http: HTTP_PORT,
  kv: KV_PORT,
};

/** @param onEnded told of every request that ended, those of the warm-up too. */
export function createLoad(system: System, options: MeasureOptions, onEnded: (ended: number) => void): Load {
  const workload = options.workload as Networked;
  const { clients, sizeBytes, config } = options;
  const all = {
    ...options,
    system,
    requests: options.warmUpRequests + options.requests,
    port: options.port ?? PORTS[workload],
    onEnded,
  };
  switch (workload) {
    case 'udp-echo':
      return new UdpLoad(all);
    case 'tcp-stream': {
      const pattern = Uint8Array.from({ length: PATTERN_PERIOD_BYTES }, (_, offset) => patternByte(offset));
      return new TcpLoad({ ...all, dialogue: new StreamDialogue({ clients, blockBytes: sizeBytes, pattern }) });
    }
    case 'http':
      return new TcpLoad({ ...all, dialogue: httpDialogue(options) });
    case 'kv':
      return new TcpLoad({ ...all, dialogue: new KvDialogue({ clients, valueBytes: sizeBytes, seed: config.seed }) });
  }
}

function httpDialogue({ clients, sizeBytes, path }: MeasureOptions): HttpDialogue {
  if (path !== undefined) return new HttpDialogue({ clients, path });
  return new HttpDialogue({
    clients,
    path: `/bytes/${sizeBytes}`,
    expected: { lenBytes: sizeBytes, byteAt: bytesPage },
  });
}
