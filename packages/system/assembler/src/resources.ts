/** What of the machine can be given away, as rights that the kernel holds at boot. */
import { log2 } from '@bulkhead/bits';
import { ECAM_PAGE, IOMMU_PAGE, PCI_IO_PAGE, PCI_IO_PAGES, PCI_WINDOW_PAGE } from '@bulkhead/board';
import { objects, SLOT_WORDS } from '@bulkhead/capabilities';
import type { Domain, Kernel } from '@bulkhead/microkernel';
import type { MachineFacts, Resource } from './description.ts';
import { PCI_WINDOW_BITS } from './facts.ts';

/** Two buses of configuration space: one frame of 2 MiB. All buses: 256 MiB. */
const ECAM_FRAME_BITS = 21;
const BUSES_PER_FRAME = 2;
const PAGES_PER_FRAME = 512;
const PAGE_BITS = 12;
/** I/O space is 16 bits of address. */
const PCI_IO_BITS = log2(PCI_IO_PAGES) + PAGE_BITS;

export class Resources {
  readonly #kernel: Kernel;
  /** Of the first frame; the others follow it. */
  readonly #ecam: number;
  readonly #ecamFrames: number;
  readonly #window: number;
  readonly #io: number;
  readonly #iommuRegisters: number;

  constructor(kernel: Kernel, { pciBusCount }: Pick<MachineFacts, 'pciBusCount'>) {
    const { kernelMemory } = kernel;
    this.#kernel = kernel;
    this.#ecamFrames = Math.ceil(pciBusCount / BUSES_PER_FRAME);
    const ecam = Array.from({ length: this.#ecamFrames }, (_, nth) =>
      kernelMemory.installUntyped(ECAM_PAGE + nth * PAGES_PER_FRAME, ECAM_FRAME_BITS, true),
    );
    [this.#ecam] = ecam.map((untyped) => kernelMemory.make(untyped, objects.FRAME, ECAM_FRAME_BITS)) as [number];
    this.#window = kernelMemory.installUntyped(PCI_WINDOW_PAGE, PCI_WINDOW_BITS, true);
    this.#io = kernelMemory.installUntyped(PCI_IO_PAGE, PCI_IO_BITS, true);
    const registers = kernelMemory.installUntyped(IOMMU_PAGE, PAGE_BITS, true);
    this.#iommuRegisters = kernelMemory.make(registers, objects.FRAME, PAGE_BITS);
  }
  /** Derives a resource into a domain. @returns the right there, or a negative error. */
  grant(resource: Resource, to: Domain): number {
    const { spaces, capabilities } = this.#kernel;
    if (resource === 'irq-control') {
      // Control of interrupts cannot be copied; each holder has an original of its own.
      const right = spaces.freeSlots(to, 1);
      const slot = spaces.slotAt(to, right);
      capabilities.install(slot, objects.IRQ_CONTROL, 0, 0);
      to.lent.push(slot);
      return right;
    }
    const slot = this.#slotOf(resource);
    const count = resource === 'ecam' ? this.#ecamFrames : 1;
    for (let nth = 0; nth < count; nth++) to.lent.push(slot + nth * SLOT_WORDS);
    return spaces.grant(slot, to, count);
  }
  #slotOf(resource: Exclude<Resource, 'irq-control'>): number {
    switch (resource) {
      case 'ecam':
        return this.#ecam;
      case 'pci-window':
        return this.#window;
      case 'pci-io':
        return this.#io;
      case 'iommu-registers':
        return this.#iommuRegisters;
      default:
        return this.#threadOf(resource.slice('domain:'.length));
    }
  }
  #threadOf(name: string): number {
    return this.#kernel.domains.find((domain) => domain.name === name)!.seats[0]!.tcbSlot;
  }
}
