import { kernel, PEER_DIED } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import { DISK_DRIVER, NIC, NIC_DRIVER, started, TWO, World } from './bench.ts';

const RESTART = ['end 100', `pci.reclaim ${NIC_DRIVER}`, `iommu.reclaimFrom ${NIC_DRIVER}`, 'start 100'];

describe('Start', () => {
  it('each child is allowed its device before it is started', () => {
    const world = new World(TWO);
    world.handlers.supervision.pong(77);
    const before = world.trace.length;
    world.start();
    expect(before).toBe(0);
    expect(world.alive).toEqual(
      new Map([
        [100, true],
        [101, true],
      ]),
    );
  });
  it('the order is allow, start, child by child', () => {
    const world = new World(TWO);
    const trace = world.trace;
    world.start();
    expect(trace).toEqual(['allow 4 10d38086', 'start 100', 'allow 5 10421af4', 'start 101']);
  });
  it('without children it idles: no alarm, and nothing that it answers', () => {
    const world = started({ children: [], heartbeatUs: 10 });
    expect(world.alarm).toBeNull();
    world.handlers.kernel.notified(world.faultToken);
    world.handlers.iommu.faulted(NIC, 15, 1, 0);
    world.handlers.supervision.pong(4);
    expect(world.trace).toEqual([]);
  });
  it('a description that it cannot serve is refused when it is made', () => {
    const five = Array.from({ length: 5 }, () => TWO.children[0]!);
    expect(() => new World({ ...TWO, children: five })).toThrow(/at most 4 children/);
    expect(() => new World({ ...TWO, backoffUs: -1 })).toThrow(/backoffUs/);
  });
});

describe('A child that died', () => {
  it.each([kernel.FAULT_PAGE, kernel.FAULT_EXCEPTION, kernel.FAULT_TIMEOUT, kernel.FAULT_ENDED])(
    'of cause %i is ended, loses its device, then its DMA memory, and only then starts anew',
    (cause) => {
      const world = started();
      world.kill(100, cause);
      expect(world.trace).toEqual(RESTART);
    },
  );
  it('takes nobody with it', () => {
    const world = started();
    world.kill(100);
    expect(world.trace.some((line) => line.includes('101') || line.includes(`${DISK_DRIVER}`))).toBe(false);
  });
  it('loses what was mapped also where its devices could not be taken', () => {
    const world = started();
    world.refused.set(`pci.reclaim ${NIC_DRIVER}`, PEER_DIED);
    world.kill(100);
    expect(world.trace).toEqual(RESTART.slice(0, 3));
  });
  it('one notification may stand for two deaths', () => {
    const world = started();
    world.causes.set(101, kernel.FAULT_PAGE);
    world.alive.set(101, false);
    world.kill(100);
    expect(world.trace.filter((line) => line.startsWith('start'))).toEqual(['start 100', 'start 101']);
  });
  it('a notification of what was dealt with already changes nothing', () => {
    const world = started();
    world.kill(100);
    world.trace = [];
    world.handlers.kernel.notified(world.faultToken);
    expect(world.trace).toEqual([]);
  });
  it.each(['end 100', `pci.reclaim ${NIC_DRIVER}`, `iommu.reclaimFrom ${NIC_DRIVER}`])(
    'is never started again when %s was refused: its device might still write',
    (refused) => {
      const world = started();
      world.refused.set(refused, PEER_DIED);
      world.kill(100);
      world.pass(1_000_000);
      expect(world.trace).not.toContain('start 100');
    },
  );
});

describe('A child that lives on with a fault', () => {
  const unacknowledged = { cause: kernel.FAULT_UNACKNOWLEDGED, answers: [16, 5100, NIC_DRIVER] };
  const exhausted = { cause: kernel.FAULT_EXHAUSTED, answers: [8000, 7600, NIC_DRIVER] };
  it('that did not acknowledge an interrupt is written down with the device that raised it, and nothing else is done', () => {
    const world = started();
    world.notice(100, unacknowledged);
    expect(world.trace).toEqual(['pci.raisedBy 16']);
    expect(world.noted(0)).toEqual([1, kernel.FAULT_UNACKNOWLEDGED, NIC, 16, 5100]);
    expect(world.noted(1)).toEqual([0, 0, 0, 0, 0]);
  });
  it('that used up its budget again and again is written down with the device that it holds', () => {
    const world = started();
    world.notice(100, exhausted);
    expect(world.trace).toEqual([]);
    expect(world.noted(0)).toEqual([1, kernel.FAULT_EXHAUSTED, NIC, 8000, 7600]);
  });
  it('may have several, of which the last is kept and all are counted', () => {
    const world = started();
    world.notice(100, unacknowledged, exhausted);
    expect(world.noted(0).slice(0, 2)).toEqual([2, kernel.FAULT_EXHAUSTED]);
  });
  it('whose device nobody knows is written down without', () => {
    const world = started();
    world.notice(100, { ...unacknowledged, answers: [99, 5100, NIC_DRIVER] });
    expect(world.noted(0)[2]).toBeLessThan(0);
  });
  it('and has died by the time that it is asked about is started again as ever', () => {
    const world = started();
    world.alive.set(100, false);
    world.causes.set(100, kernel.FAULT_PAGE);
    world.notice(100, unacknowledged);
    expect(world.trace).toEqual(['pci.raisedBy 16', ...RESTART]);
  });
});

describe('Back-off', () => {
  const restartDelays = (world: World, kills: number): number[] =>
    Array.from({ length: kills }, () => {
      world.settle();
      const before = world.nowUs;
      world.kill(100);
      while (world.alive.get(100) !== true && world.alarm !== null) world.pass(world.alarm.atUs - world.nowUs);
      return world.alive.get(100) === true ? world.nowUs - before : -1;
    });
  it('the first failure is answered at once, later ones after a wait that doubles', () => {
    expect(restartDelays(started(), 4)).toEqual([0, 100, 200, 400]);
  });
  it('the wait is capped at 32 times', () => {
    expect(restartDelays(started({ maxRestarts: 10 }), 10).slice(5)).toEqual([1600, 3200, 3200, 3200, 3200]);
  });
  it('after maxRestarts failures in a row it gives up, having taken everything away', () => {
    const world = started();
    expect(restartDelays(world, 4)).not.toContain(-1);
    world.settle();
    world.trace = [];
    world.kill(100);
    world.pass(1_000_000);
    expect(world.trace).toEqual(RESTART.slice(0, 3));
    expect(world.alarm).toBeNull();
  });
  it('a child that lived long counts from one again', () => {
    const world = started();
    restartDelays(world, 3);
    world.pass(100 * 32 + 1);
    expect(restartDelays(world, 2)).toEqual([0, 100]);
  });
  it('a domain that cannot be started counts as a failure', () => {
    const world = started();
    world.refused.set('start 100', kernel.NOT_ENOUGH_MEMORY);
    world.kill(100);
    world.pass(1_000_000);
    expect(world.trace.filter((line) => line === 'start 100').length).toBe(4);
    expect(world.alarm).toBeNull();
  });
  it('two children wait for their own times with the one alarm that a component has', () => {
    const world = started({ heartbeatUs: 0 });
    for (const domain of [100, 101, 101, 100]) {
      world.pass(10);
      world.kill(domain);
    }
    world.trace = [];
    world.pass(89);
    expect(world.trace).toEqual([]);
    world.pass(1);
    expect(world.trace).toEqual(['start 101']);
    world.pass(10);
    expect(world.trace).toEqual(['start 101', 'start 100']);
  });
  it('holds over the wrap of the clock', () => {
    const world = new World(TWO);
    world.nowUs = 2 ** 31 - 50;
    world.start();
    world.settle();
    expect(restartDelays(world, 3)).toEqual([0, 100, 200]);
  });
});

describe('A fault of the IOMMU', () => {
  it('ends and restarts the child that holds the device', () => {
    const world = started();
    world.handlers.iommu.faulted(NIC, 15, 0x1234, 0);
    expect(world.trace).toEqual(RESTART);
  });
  it('that a former life caused does not end the fresh one', () => {
    const world = started();
    world.handlers.iommu.faulted(NIC, 15, 1, 0);
    world.handlers.iommu.faulted(NIC, 15, 2, 0);
    world.handlers.iommu.faulted(NIC, 258, 3, 0);
    expect(world.trace).toEqual(RESTART);
    world.settle();
    world.handlers.iommu.faulted(NIC, 15, 4, 0);
    expect(world.trace.filter((line) => line === 'end 100').length).toBe(2);
  });
  it("of a device that is nobody's, or somebody else's, is nobody's fault here", () => {
    const world = started();
    world.owners.set(0x30, 9);
    world.handlers.iommu.faulted(0x30, 15, 1, 0);
    world.handlers.iommu.faulted(0x38, 15, 1, 0);
    expect(world.trace).toEqual([]);
  });
});

describe('Heartbeat', () => {
  it('a child that answers each ping lives', () => {
    const world = started({ heartbeatUs: 50 });
    for (let beat = 0; beat < 5; beat++) {
      world.pass(50);
      world.handlers.supervision.pong(NIC_DRIVER);
      world.handlers.supervision.pong(DISK_DRIVER);
    }
    expect(world.trace.filter((line) => line === 'ping 4').length).toBe(5);
    expect(world.trace.some((line) => line.startsWith('end'))).toBe(false);
  });
  it('a child that has not answered by the next ping is ended and restarted', () => {
    const world = started({ heartbeatUs: 50 });
    world.pass(50);
    world.handlers.supervision.pong(DISK_DRIVER);
    world.trace = [];
    world.pass(50);
    expect(world.trace).toEqual([...RESTART, 'ping 5']);
    world.trace = [];
    world.handlers.supervision.pong(DISK_DRIVER);
    world.pass(50);
    expect(world.trace).toEqual(['ping 4', 'ping 5']);
  });
  it('with heartbeatUs 0 nobody is pinged', () => {
    const world = started();
    world.pass(1_000_000);
    expect(world.trace).toEqual([]);
  });
});
