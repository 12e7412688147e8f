/** A system in the middle of a load. */
import { assemble, type Description } from '@bulkhead/assembler';
import { type MachineSnapshot, machineOf } from '@bulkhead/inspection';
import { describe, expect, it } from 'vitest';
import { loadSystem, SYSTEM_NAMES } from '../src/systems.ts';
import { CLIENTS, runToAnswer } from '../src/under-load.ts';
import { command } from './execute.ts';

const BOOT_NS = 50_000_000;
const ANSWERS = 100;

/** What there is after so many answers, and each share that was shown on the way. */
function after(description: Description, answers: number): { machine: MachineSnapshot; shares: number[] } {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const shares = [...runToAnswer(system, answers)];
  return { machine: machineOf(system), shares };
}

describe.each(SYSTEM_NAMES)('%s, stopped under a load', (name) => {
  it('has given the answers and holds requests of all the others, the same each time', async () => {
    const description = await loadSystem(name);
    const { machine, shares } = after(description, ANSWERS);
    expect(shares.at(-1)).toBe(1);
    const [link] = machine.links;
    // A request is a frame, and its answer another.
    expect(link!.framesReceived).toBeGreaterThan(ANSWERS + CLIENTS);
    expect(link!.framesTransmitted).toBeGreaterThan(ANSWERS);
    expect(after(description, ANSWERS).machine).toEqual(machine);
    expect(after(description, ANSWERS + 1).machine.atCycles).toBeGreaterThanOrEqual(machine.atCycles);
  });
});

describe('bulkhead inspect --requests', () => {
  it('prints that moment', async () => {
    const { status, stdout } = await command('inspect', 'multiserver', 'machine', '--json', '--requests', `${ANSWERS}`);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(JSON.stringify(after(await loadSystem('multiserver'), ANSWERS).machine)),
    );
  });
  it('says so when a system does not serve', async () => {
    const idle = await loadSystem('multiserver');
    const deaf: Description = {
      ...idle,
      config: (facts) => ({ ...idle.config(facts), 'web-server': { port: 81 } }),
    };
    expect(() => after(deaf, 1)).toThrow(/^gave 0 of 1 answers and no more/);
  });
});
