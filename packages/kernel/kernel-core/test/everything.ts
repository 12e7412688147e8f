/** A world with all objects that there are: address spaces, interrupts and IO spaces beside the kernel's own. */
import { AddressSpaces, type FencePort } from '@bulkhead/address-space';
import { InterruptHandlers, InterruptInvocations, type InterruptMask } from '@bulkhead/interrupts';
import { type IommuPort, IoSpaceInvocations, IoSpaces } from '@bulkhead/io-spaces';
import { World, type WorldOptions } from './support.ts';

const BASE_PAGE = 0x80000;
const [IRQ_PAGE, IO_PAGE, ROOT_PAGE, RESERVED] = [1, 3, 4, 8] as const;
const PAGE_WORDS = 1024;
/** Where the kernel's own records begin: words in the memory. */
export const IRQ_RECORDS: number = IRQ_PAGE * PAGE_WORDS;
export const IO_RECORDS: number = IO_PAGE * PAGE_WORDS;
export const KERNEL_ROOT: number = ROOT_PAGE * PAGE_WORDS;
export const IDENTITIES = 31;
export const IO_DOMAINS = 7;
export const wordOfPage = (page: number): number => (page - BASE_PAGE) * PAGE_WORDS;

/** What is told of changes. */
export interface Hardware {
  readonly fence: FencePort;
  readonly mask: InterruptMask;
  readonly iommu: IommuPort;
}
const UNHEARD: Hardware = {
  fence: { fence: () => {} },
  mask: { enable: () => {}, setPending: () => {} },
  iommu: { attach: () => {}, detach: () => {}, invalidate: () => {} },
};
export interface Everything {
  readonly w: World;
  readonly handlers: InterruptHandlers;
}

export const everything = (options: WorldOptions = {}): World => everythingOn(UNHEARD, options).w;

export function everythingOn({ fence, mask, iommu }: Hardware, options: WorldOptions = {}): Everything {
  let spaces: AddressSpaces | undefined;
  let handlers: InterruptHandlers | undefined;
  const w = new World({
    ...options,
    kernel: {
      isAddressSpace: (slot) => spaces!.rootOf(slot) >= 0,
      ...options.kernel,
      decoders: (capabilities) => {
        const memory = memoryBelow(capabilities.words);
        spaces = new AddressSpaces({ capabilities, memory, kernelRootPage: BASE_PAGE + ROOT_PAGE, fence });
        handlers = new InterruptHandlers({ capabilities, base: IRQ_RECORDS, identities: IDENTITIES, mask });
        const ioSpaces = new IoSpaces({
          capabilities,
          basePage: BASE_PAGE,
          base: IO_RECORDS,
          domains: IO_DOMAINS,
          iommu,
        });
        return [
          spaces,
          new InterruptInvocations(capabilities, handlers),
          new IoSpaceInvocations(capabilities, ioSpaces),
        ];
      },
    },
    boot: {
      reservedPages: RESERVED,
      devices: [{ page: 0x10000, sizeBits: 22 }],
      ...options.boot,
      makeAddressSpace: ({ rootSlot, poolSlot }) => {
        spaces!.adoptPool(poolSlot);
        spaces!.assign(poolSlot, rootSlot);
      },
    },
  });
  return { w, handlers: handlers! };
}

function memoryBelow(words: Int32Array) {
  const pageCount = words.length / PAGE_WORDS;
  const at = (page: number) => wordOfPage(page);
  return {
    basePage: BASE_PAGE,
    pageCount,
    words,
    bytes: new Uint8Array(words.buffer),
    holdsPage: (page: number) => page >= BASE_PAGE && page < BASE_PAGE + pageCount,
    word: (page: number, index: number) => words[at(page) + index]!,
    setWord: (page: number, index: number, value: number) => {
      words[at(page) + index] = value;
    },
  };
}
