/** Readers that do not know us. They are asked when they are installed, and named when they are not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { enhancedPacket, interfaceDescription, pcapHeader, pcapRecord, sectionHeader } from '../src/index.ts';

const exists = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;

/** An ARP request of 42 bytes: who[- ]has 10.0.0.2, tell 10.0.0.1. RFC 826. */
const ARP = Buffer.from('ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002', 'hex');
const PCAPNG = Buffer.concat([
  sectionHeader({ application: 'Bulkhead' }),
  interfaceDescription({ name: 'nic0' }),
  enhancedPacket({ timeNs: 1_000_000_007, frame: ARP }),
]);
const PCAP = Buffer.concat([pcapHeader(), pcapRecord(1_000_000_007, ARP)]);

function read(tool: string, args: readonly string[], file: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'capture-'));
  const path = join(folder, 'capture');
  writeFileSync(path, file);
  const { stdout } = spawnSync(tool, [...args, '-r', path], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
  rmSync(folder, { recursive: true });
  return stdout;
}

describe.each([
  ['pcapng', PCAPNG],
  ['pcap', PCAP],
])('a %s file', (_, file) => {
  it.for([
    ['tshark', ['-t', 'e']],
    ['tcpdump', ['-n', '-tt', '--nano']],
  ] as const)('is read by %s', ([tool, args], context) => {
    context.skip(!exists(tool), `${tool} is not installed`);
    const text = read(tool, args, file);
    expect(text).toMatch(/1\.000000007/);
    expect(text).toMatch(/who[- ]has 10\.0\.0\.2/i);
  });
});
