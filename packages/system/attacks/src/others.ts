/** Attacks on what belongs to others: their registers, their interrupts, their devices, and everybody's time. */
import { kernelPage } from '@bulkhead/address-space';
import { ECAM_PAGE, IMSIC_PAGE } from '@bulkhead/board';
import * as nic from '@bulkhead/intel-82574-datasheet';
import { DEVICE_READ, DEVICE_WRITE } from '@bulkhead/iommu-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import type { Attack } from './attack.ts';
import { BEAT_US, BYSTANDER, BYSTANDERS_CARD } from './bystander.ts';
import { receiveAt, sendFrames, write } from './device.ts';
import { deviceName } from './reports.ts';
import type { Hands, Turncoat } from './turncoat.ts';

const PAGE_BYTES = 4096;
const MARK = 0x5afe_0002;
const FOREIGN = deviceName(BYSTANDERS_CARD);
/** Whoever was ended for one try is back for the next. */
const RECOVERY_NS = 4_000_000;
const WATCHED_US = 16_000;
/** With half of the hart, it has somewhat less than half of its turns: one that is put off puts off those after it. */
const ENOUGH = 0.25;

/** Whoever has the bystander's interrupts was told by the kernel. */
const identityOf = ({ system, told }: Turncoat): number =>
  told.findLast(({ from, method }) => from === BYSTANDER && method === 'interrupt') === undefined
    ? 0
    : (told.findLast(({ method }) => method === 'issueInterrupt')?.args[1] ?? system.board.interruptFile.identities);

/** The card's registers, wherever software put them. */
function registersOf({ system }: Turncoat): number {
  const base = system.board.pci.read(BYSTANDERS_CARD * PAGE_BYTES + pci.BAR0, 4) & pci.BAR_MEMORY_BASE.mask;
  return (base >>> 0) / PAGE_BYTES;
}

/** The attacker is told where things stand in physical memory; whether it has them there is the MMU's affair. */
const storeTo = ({ context: { memory } }: Hands, page: number, offset: number, value: number): void =>
  memory.store32(kernelPage(page), offset, value);

/** Turns of the bystander, while a stretch of time goes by. */
function beatsIn(turncoat: Turncoat): number {
  const { beats } = turncoat.witness;
  turncoat.run(WATCHED_US * 1000);
  return turncoat.witness.beats - beats;
}
function starved(turncoat: Turncoat): string | null {
  const beats = beatsIn(turncoat);
  const due = WATCHED_US / BEAT_US;
  return beats < due * ENOUGH ? `${BYSTANDER} had ${beats} of ${due} turns in ${WATCHED_US / 1000} ms` : null;
}

export const otherAttacks: readonly Attack[] = [
  {
    name: 'foreign-registers',
    title: "stores to the registers of another driver's device",
    wall: 'address space',
    act: (turncoat) => {
      const { bus } = turncoat.system.board;
      const page = registersOf(turncoat) + Math.floor(nic.MTA / PAGE_BYTES);
      const offset = nic.MTA % PAGE_BYTES;
      turncoat.order((hands) => storeTo(hands, page, offset, MARK));
      return bus.load(page, offset, 4) === MARK ? `a register of ${FOREIGN} was written` : null;
    },
  },
  {
    name: 'forged-interrupt',
    title: "has its device write another driver's interrupt",
    wall: 'messages',
    act: (turncoat) => {
      const identity = identityOf(turncoat);
      const { interrupts } = turncoat.witness;
      const redirected = turncoat.told.findLast(
        ({ method, args }) => method === 'redirect' && args[0] === turncoat.device,
      );
      // The real interrupt file, and the place to which its own messages go.
      const own = redirected === undefined || redirected.args[2] === 0 ? [] : [redirected.args[1]!];
      for (const page of [...own, IMSIC_PAGE]) {
        turncoat.order((hands) => receiveAt(hands, [page * PAGE_BYTES]));
        sendFrames(turncoat, [identity]);
        turncoat.run(RECOVERY_NS);
      }
      const forged = turncoat.witness.interrupts - interrupts;
      return forged > 0 ? `${BYSTANDER} was interrupted ${forged} times by a device that is not its own` : null;
    },
  },
  {
    name: 'foreign-claim',
    title: "claims another driver's device, maps memory for it, and turns it off by hand",
    wall: 'ownership',
    act: (turncoat) => {
      const { bus } = turncoat.system.board;
      const isOn = (): boolean => (bus.load(ECAM_PAGE + BYSTANDERS_CARD, pci.COMMAND, 4) & MEMORY_SPACE) !== 0;
      const got: string[] = [];
      turncoat.order(({ card, context, ports }) => {
        if (ports['pci']!['claim']!(BYSTANDERS_CARD) >= 0) got.push(`${FOREIGN} changed hands`);
        const access = DEVICE_READ | DEVICE_WRITE;
        const page = ports['iommu']!['map']!(BYSTANDERS_CARD, context.region(card.region).frame, access);
        if (page >= 0 && turncoat.system.description.iommu === 'translating')
          got.push(`${FOREIGN} reaches memory that its driver did not map`);
      });
      const wasOn = isOn();
      turncoat.order((hands) => storeTo(hands, ECAM_PAGE + BYSTANDERS_CARD, pci.COMMAND, 0));
      if (wasOn && !isOn()) got.push(`${FOREIGN} was turned off in configuration space`);
      return got.length > 0 ? got.join('; ') : null;
    },
  },
  {
    name: 'no-acknowledge',
    title: 'never acknowledges its interrupt',
    wall: 'masked interrupt',
    act: (turncoat) => {
      turncoat.deafness = () => {};
      turncoat.order((hands) => write(hands, nic.ICS, nic.ICR_RXQ0.mask));
      turncoat.run(WATCHED_US);
      turncoat.order((hands) => {
        write(hands, nic.IMS, nic.ICR_RXQ0.mask);
        write(hands, nic.ICS, nic.ICR_RXQ0.mask);
      });
      return starved(turncoat);
    },
  },
  {
    name: 'interrupt-flood',
    title: 'has its device interrupt again as soon as it may',
    wall: 'budgets',
    act: (turncoat) => {
      const again = (hands: Hands): void => {
        write(hands, nic.EITR, 0);
        write(hands, nic.IMS, nic.ICR_RXQ0.mask);
        write(hands, nic.ICS, nic.ICR_RXQ0.mask);
        for (const handler of hands.interrupts) hands.ports['kernel']!['acknowledge']!(handler);
      };
      turncoat.deafness = again;
      turncoat.order(again);
      const damage = starved(turncoat);
      // A budget that is used up now and then is nothing to tell: it takes a while.
      if (damage === null) turncoat.run(WATCHED_US * 1000);
      return damage;
    },
  },
];
const MEMORY_SPACE: number = pci.COMMAND_MEMORY_SPACE_ENABLE.mask;
