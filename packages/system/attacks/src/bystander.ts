/**
 * A driver that has done nothing to anybody: it holds the machine's second network card, one interrupt of it, and a beat
 * that must not stop. Attacks are aimed at it, and what they did is read off it.
 */
import { type ClientPort, kernel, right } from '@bulkhead/abi';
import type { Description } from '@bulkhead/assembler';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';

export const BYSTANDER = 'bystander';
/** Bus 0, device 2, function 0. */
export const BYSTANDERS_CARD = 0x10;
/** An Intel 82574L, whichever card the first one is. */
const MODEL = 'intel-82574';
const VENDOR_DEVICE = 0x10d38086;
export const BEAT_US = 100;

const BEAT = 0;
const INTERRUPT = 1;
const MEMORY_BAR = 0;
const PAGE_BITS = 12;

/** What happened to it, seen from outside of the machine. */
export interface Witness {
  beats: number;
  interrupts: number;
}

type Uses = { readonly pci: typeof pciBus; readonly kernel: typeof kernel.contractOfKernel };

/** It runs below the drivers, as applications do, so that whoever takes all of the hart's time takes its. */
const bystander = (witness: Witness): ComponentDefinition<Uses, Record<never, never>, { readonly device: number }> =>
  component({
    name: BYSTANDER,
    level: LEVELS.application,
    uses: { pci: pciBus, kernel: kernel.contractOfKernel },
    provides: {},
    footprint: { codePages: 1, dataPages: 1 },
    heapPages: 1,
    work: [],
    config: { device: BYSTANDERS_CARD },
    create: ({ answer, config }, ports) => {
      const invoke: ClientPort<typeof kernel.contractOfKernel> = ports.kernel;
      let handler = right(0);
      return {
        handlers: {
          pci: {},
          kernel: {
            notified: (token: number) => {
              if (token === BEAT) {
                witness.beats++;
                invoke.setAlarm(BEAT, BEAT_US);
              } else {
                witness.interrupts++;
                invoke.acknowledge(handler);
              }
            },
          },
        },
        start: () => {
          must('claim its card', ports.pci.claim(config.device));
          const pages = must('have its registers', ports.pci.bar(config.device, MEMORY_BAR));
          const frames = must('cut frames', invoke.retype(right(answer[1]!), kernel.FRAME, PAGE_BITS, pages));
          must('map its registers', invoke.map(right(frames), pages, kernel.READ_WRITE));
          must('have an interrupt', ports.pci.interrupt(config.device, 0));
          handler = right(answer[1]!);
          must('bind its interrupt', invoke.bindInterrupt(handler, INTERRUPT));
          invoke.setAlarm(BEAT, BEAT_US);
        },
      };
    },
  });

function must(what: string, result: number): number {
  if (result < 0) throw new Error(`${BYSTANDER}: cannot ${what}: ${result}`);
  return result;
}

/** @returns the system with a second card and its driver: in the kernel's domain where the first one's is. */
export function withBystander(description: Description, attacker: string, witness: Witness): Description {
  const home = description.domains['kernel']!.includes(attacker) ? 'kernel' : BYSTANDER;
  const { nics = 1, nicModels: [first = MODEL] = [] } = description;
  return {
    ...description,
    nics: Math.max(2, nics),
    nicModels: [first, MODEL],
    components: [...description.components, bystander(witness) as unknown as ComponentDefinition],
    domains: { ...description.domains, [home]: [...(description.domains[home] ?? []), BYSTANDER] },
    connections: [...description.connections, `${BYSTANDER}.pci -> pci-bus-driver.pci`],
    config: (facts) => {
      const config = description.config(facts);
      const pci = config['pci-bus-driver'] as { readonly allowed?: readonly object[] };
      const mayClaim = { component: facts.identity(BYSTANDER), vendorDevice: VENDOR_DEVICE };
      return { ...config, 'pci-bus-driver': { ...pci, allowed: [...(pci.allowed ?? []), mayClaim] } };
    },
  };
}
