/** What is wrong with contracts: two of one name, the kernel's in other hands, and casts that no queue can carry. */
import { type CallSpec, type CastSpec, type Contract, kernel as kernelAbi } from '@bulkhead/abi';
import { ENTRY_WORDS } from './cast-queue.ts';
import type { Description } from './description.ts';

/** An entry of a queue holds its method and so many words. */
const MAX_CAST_WORDS: number = ENTRY_WORDS - 1;

/** The kernel's own contract is known by its name, and needs no connection. */
export const isKernels = (contract: Contract): boolean => contract.name === kernelAbi.contractOfKernel.name;

export function checkContracts({ components }: Description): string[] {
  const contracts = new Set(
    components.flatMap(({ uses, provides }) => [...Object.values(uses), ...Object.values(provides)]),
  );
  return [
    ...[...contracts].flatMap(checkContract),
    ...components.flatMap(({ name, provides }) =>
      Object.entries(provides)
        .filter(([, contract]) => isKernels(contract))
        .map(
          ([port]) => `'${name}' provides the kernel's contract at '${port}': only the kernel does, remove the port`,
        ),
    ),
  ];
}

/** What a queue's entry can carry: a few words, and no rights, for nobody is there to derive them. */
function checkContract(contract: Contract): string[] {
  if (isKernels(contract) && differenceOf(contract, kernelAbi.contractOfKernel as unknown as Contract) !== null)
    return [`a contract is named '${contract.name}': the kernel's has that name, choose another`];
  return Object.entries<CastSpec>({ ...contract.casts, ...contract.events }).flatMap(([method, { args }]) => [
    ...(args.length > MAX_CAST_WORDS
      ? [
          `cast '${contract.name}.${method}' has ${args.length} words: ${MAX_CAST_WORDS} are the most, send the rest through the shared region`,
        ]
      : []),
    ...(args.includes('right')
      ? [`cast '${contract.name}.${method}' carries a right: rights go with calls, make it one`]
      : []),
  ]);
}

type Methods = Readonly<Record<string, CallSpec | CastSpec>>;

/**
 * Two ends that stand in different packages may hold two values of one contract; what they say must be the same, the
 * order of the methods included, for by it they are numbered.
 *
 * @returns the first method in which the two differ, `capacity`, or null.
 */
export function differenceOf(one: Contract, other: Contract): string | null {
  if (one === other) return null;
  for (const side of ['calls', 'casts', 'events'] as const) {
    const [left, right]: Methods[] = [one[side], other[side]];
    const [names, others] = [Object.keys(left!), Object.keys(right!)];
    for (let i = 0; i < Math.max(names.length, others.length); i++) {
      const name = names[i] ?? others[i]!;
      if (names[i] !== others[i] || JSON.stringify(left![name]) !== JSON.stringify(right![name])) return name;
    }
  }
  return one.capacity === other.capacity ? null : 'capacity';
}
