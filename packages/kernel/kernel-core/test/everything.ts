/** A world with all objects that there are: address spaces, interrupts and IO spaces beside the kernel's own. */
import { AddressSpaces } from '@bulkhead/address-space';
import { InterruptHandlers, InterruptInvocations } from '@bulkhead/interrupts';
import { IoSpaceInvocations, IoSpaces } from '@bulkhead/io-spaces';
import { World, type WorldOptions } from './support.ts';

const BASE_PAGE = 0x80000;
const [IRQ_PAGE, IO_PAGE, ROOT_PAGE, RESERVED] = [1, 3, 4, 8] as const;
const PAGE_WORDS = 1024;

export function everything(options: WorldOptions = {}): World {
  let spaces: AddressSpaces | undefined;
  return new World({
    ...options,
    kernel: {
      isAddressSpace: (slot) => spaces!.rootOf(slot) >= 0,
      ...options.kernel,
      decoders: (capabilities) => {
        const memory = memoryBelow(capabilities.words);
        spaces = new AddressSpaces({
          capabilities,
          memory,
          kernelRootPage: BASE_PAGE + ROOT_PAGE,
          fence: { fence: () => {} },
        });
        const handlers = new InterruptHandlers({
          capabilities,
          base: IRQ_PAGE * PAGE_WORDS,
          identities: 31,
          mask: { enable: () => {}, setPending: () => {} },
        });
        const iommu = { attach: () => {}, detach: () => {}, invalidate: () => {} };
        const ioSpaces = new IoSpaces({
          capabilities,
          basePage: BASE_PAGE,
          base: IO_PAGE * PAGE_WORDS,
          domains: 7,
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
}

function memoryBelow(words: Int32Array) {
  const pageCount = words.length / PAGE_WORDS;
  const at = (page: number) => (page - BASE_PAGE) * PAGE_WORDS;
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
