/** What a driver must not do: our virtio network device and QEMU's. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type QemuFunction, whyNoQemu } from '../src/index.ts';
import { startVirtioNetWithLink } from '../src/nics.ts';
import { ENDS, MISTAKE_DIFFERENCES, MISTAKES, ModelVirtio, outcomeOf, QemuVirtio } from '../src/virtio/index.ts';

const whyNot = whyNoQemu();

describe('mistakes of a driver (Virtio 1.2 §2.1.2), against QEMU’s virtio-net-pci', () => {
  let device: QemuFunction;
  const ours = new ModelVirtio();
  beforeAll(async () => {
    if (whyNot === '') device = await startVirtioNetWithLink();
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => context.skip(whyNot !== '', whyNot));

  it.each(MISTAKES)('$name', async (mistake) => {
    const mine = outcomeOf(ours, mistake);
    const known = MISTAKE_DIFFERENCES[mistake.name];
    if (known?.theirs === ENDS) {
      expect(() => outcomeOf(new QemuVirtio(device), mistake)).toThrow(/QEMU has ended|EPIPE/);
      await device.machine.stop();
      device = await startVirtioNetWithLink();
      expect(mine).toBe(known.ours);
      return;
    }
    const theirs = outcomeOf(new QemuVirtio(device), mistake);
    if (known === undefined) expect(mine).toBe(theirs);
    else expect({ mine, theirs }).toEqual({ mine: known.ours, theirs: known.theirs });
  });
  it('need every difference that is known', () => {
    const names = MISTAKES.map(({ name }) => name);
    expect(Object.keys(MISTAKE_DIFFERENCES).filter((name) => !names.includes(name))).toEqual([]);
  });
});
