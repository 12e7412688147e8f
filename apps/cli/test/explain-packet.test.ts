import { assemble, type Metrics, metricsBetween, snapshot } from '@bulkhead/assembler';
import { profileNames } from '@bulkhead/costs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PacketSummary } from '../src/commands/explain.ts';
import { HttpClient } from '../src/explain/http-client.ts';
import { explainPacket, type PacketExplanation } from '../src/explain/packet.ts';
import { packetSummaryText } from '../src/explain/packet-text.ts';
import type { Line } from '../src/explain/sections.ts';
import { profileOf } from '../src/profiles.ts';
import { loadSystem, SYSTEM_NAMES } from '../src/systems.ts';
import { command } from './execute.ts';
import { fixture } from './run.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const linesOf = ({ sections }: PacketExplanation): Line[] => sections.flatMap(({ lines }) => lines);

/** The same request on a machine that nobody records: from quiet to quiet. */
async function measured(system: string, profile: string, path: string): Promise<Metrics> {
  const assembled = assemble(await loadSystem(system), { profile });
  assembled.runUntil(assembled.clock.cyclesOf(20_000_000));
  const client = new HttpClient(assembled, path, 1);
  client.connect();
  for (let i = 0; i < 16; i++) client.request();
  const from = snapshot(assembled);
  client.request();
  return metricsBetween(assembled, from, snapshot(assembled));
}
const explained = async (system: string, profile: string, path: string): Promise<PacketExplanation> =>
  explainPacket(await loadSystem(system), { profile: profileOf(profile), path });

/** What must hold of every explanation, whatever it says. */
function expectSums(explanation: PacketExplanation): void {
  const { busyCycles, waitingCycles, elapsedCycles, byCause, byComponent, counts, hart, sections } = explanation;
  const lines = linesOf(explanation);
  const steps = lines.filter((line) => line.kind === 'step');
  expect(busyCycles + waitingCycles).toBe(elapsedCycles);
  expect(sum(steps.map(({ cycles }) => cycles))).toBe(busyCycles);
  expect(sum(Object.values(byCause))).toBe(busyCycles);
  expect(sum(Object.values(byComponent))).toBe(busyCycles);
  expect(sum(sections.map(({ cycles }) => cycles))).toBe(busyCycles);
  expect(counts.kernelEntries).toBe(hart.traps);
  expect(counts.addressSpaceSwitches).toBe(hart.satpWrites);
  let now = 0;
  for (const line of lines) {
    if (line.kind !== 'wire') expect(line.atCycles).toBe(now);
    if (line.kind !== 'wire') now += line.cycles;
  }
  expect(now).toBe(elapsedCycles);
}

describe('explain packet', () => {
  it.each(SYSTEM_NAMES)('%s: the steps are what a machine does that nobody records', async (system) => {
    const explanation = await explained(system, 'haswell', '/bytes/100');
    const metrics = await measured(system, 'haswell', '/bytes/100');
    expectSums(explanation);
    expect(explanation.busyCycles).toBe(metrics.busyCycles);
    const { idle: _, ...causes } = metrics.byCause;
    for (const [cause, cycles] of Object.entries(causes)) expect(explanation.byCause[cause] ?? 0).toBe(cycles);
    const { counts } = explanation;
    expect({ ...counts, traps: explanation.hart.traps }).toMatchObject({
      traps: metrics.traps,
      addressSpaceSwitches: metrics.addressSpaceSwitches,
      interrupts: metrics.interrupts,
      ipcs: metrics.ipcs,
      tlbRefills: metrics.tlbRefills,
      copies: metrics.copies,
      bytesCopied: metrics.bytesCopied,
    });
  });
  it('adds up for any system, profile and length', async () => {
    const systems = fc.constantFrom(...SYSTEM_NAMES);
    await fc.assert(
      fc.asyncProperty(systems, fc.constantFrom(...profileNames), fc.nat(20_000), async (system, profile, lenBytes) => {
        const explanation = await explained(system, profile, `/bytes/${lenBytes}`);
        expectSums(explanation);
        const out = linesOf(explanation).filter((line) => line.kind === 'wire' && !line.toMachine);
        expect(sum(out.map((line) => (line.kind === 'wire' ? line.lenBytes : 0)))).toBeGreaterThan(lenBytes);
      }),
      { numRuns: 6 * EFFORT },
    );
  }, 30_000);
  it('begins with the frame in; the driver is woken by its interrupt, before the stack and the application', async () => {
    for (const system of SYSTEM_NAMES) {
      const { sections } = await explained(system, 'haswell', '/');
      const [first] = sections[0]!.lines;
      expect(first).toMatchObject({ kind: 'wire', toMachine: true, atCycles: 0 });
      const order = sections.map(({ component, how }) => `${component}, ${how}`);
      const driver = order.findIndex((heading) => /^nic-driver.*, woken by interrupt$/.test(heading));
      const stack = order.findIndex((heading) => /^net-stack.*, woken by nic-driver/.test(heading));
      const application = order.findIndex((heading) => /^web-server.*, woken by net-stack/.test(heading));
      expect([driver >= 0, stack > driver, application > stack], order.join('; ')).toEqual([true, true, true]);
    }
  });
  it('counts the IPCs and switches that walls make, and none where there are none', async () => {
    const monolithic = (await explained('monolithic', 'haswell', '/')).counts;
    const multiserver = (await explained('multiserver', 'haswell', '/')).counts;
    expect([monolithic.ipcs, monolithic.addressSpaceSwitches]).toEqual([0, 0]);
    expect(multiserver.ipcs).toBeGreaterThan(3);
    expect(multiserver.addressSpaceSwitches).toBeGreaterThan(2 * multiserver.ipcs - 1);
    expect(multiserver.copies).toBe(monolithic.copies);
    for (const { cacheLines, bytesCopied } of [monolithic, multiserver]) {
      expect(cacheLines.copied * 64).toBeGreaterThanOrEqual(bytesCopied);
      expect(cacheLines.total).toBe(cacheLines.copied + cacheLines.queues);
      expect(cacheLines.queues % 3).toBe(0);
    }
  });
  it('prints every step with cycles, cause, certainty and a source that is listed below', async () => {
    const { status, stdout } = await command('explain', 'packet', '--system', 'multiserver', '--path', '/about');
    expect(status).toBe(0);
    const steps = [
      ...stdout.matchAll(/^ {2}\S.*?\s([\d,]+) {2,}[\w-]+ +\w+ +(?:calibrated|derived|assumed) +\[(\d+)\]$/gm),
    ];
    const { steps: count, busyCycles } = await explained('multiserver', 'haswell', '/about');
    expect(steps).toHaveLength(count);
    expect(sum(steps.map(([, cycles]) => Number(cycles!.replaceAll(',', ''))))).toBe(busyCycles);
    for (const [, , source] of steps) expect(stdout).toMatch(new RegExp(`^\\[${source}\\] \\S+.*: .+$`, 'm'));
    expect(stdout).toMatch(/^ {2}wire: \d+ bytes in$/m);
    expect(stdout).toMatch(/^ {2}wire: \d+ bytes out$/m);
  });
  it('without a system, puts all side by side and says how to see one', async () => {
    const { systems } = JSON.parse((await command('explain', 'packet', '--json')).stdout) as PacketSummary;
    expect(systems.map(({ system }) => system)).toEqual(SYSTEM_NAMES);
    const one: unknown = JSON.parse((await command('explain', 'packet', '--system', 'hybrid', '--json')).stdout);
    expect(one).toMatchObject(systems[1]!);
    const text = packetSummaryText(systems);
    expect(text).toMatch(new RegExp(`^ +${SYSTEM_NAMES.join(' +')}$`, 'm'));
    expect(text).toContain('bulkhead explain packet --system monolithic');
  });
  it('reads a system by the path of its module', async () => {
    const { status, stdout } = await command('explain', 'packet', '--system', fixture('sixth.ts'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^One request for \/bytes\/100 to sixth,/);
  });
  it('fails when the answer is not 200', async () => {
    const { status, stdout, stderr } = await command('explain', 'packet', '--system', 'monolithic', '--path', '/nope');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe("bulkhead: 'monolithic' answered 'HTTP/1.1 404 Not Found': choose another --path\n");
  });
});
