/** What must be right for a component to be right: the kernel, and whoever could corrupt it, in lines of code. */

import type { Description } from '@bulkhead/assembler';
import { kindOf } from '@bulkhead/runtime';
import { chainsFrom, controlThen } from './chain.ts';
import { type Audit, type AuditEdge, componentsOf, KERNEL, membersOf } from './model.ts';

/** Packages of the kernel itself: they run with its privilege in every system. */
export const KERNEL_PACKAGES: readonly string[] = [
  'address-space',
  'capabilities',
  'interrupts',
  'ipc',
  'microkernel',
  'scheduler',
];

/** @returns lines of code of a package by its name, 0 when unknown. The package reads no files: its caller counts. */
export type LineCounter = (name: string) => number;

export interface TrustedBase {
  readonly component: string;
  /** Other components, without the kernel, that could corrupt it through memory, devices or authority. */
  readonly trusted: readonly string[];
  readonly kernelLines: number;
  /** Lines of the trusted components; code of which several run counts once. */
  readonly componentLines: number;
  /** All that must be right, the component's own code left out. */
  readonly lines: number;
}

/** @returns the trusted base of each component, in the order of the description. */
export function trustedBases(audit: Audit, description: Description, lines: LineCounter): TrustedBase[] {
  const kernelLines = KERNEL_PACKAGES.reduce((sum, name) => sum + lines(name), 0);
  const members = membersOf(audit).map(({ id }) => id);
  const reach = new Map(members.map((id) => [id, chainsFrom(audit, id, controlThen())]));
  return members.map((component) => {
    const trusted = members.filter((other) => other !== component && reach.get(other)!.has(component));
    const kinds = new Set(trusted.map((name) => codeOf(description, name)));
    kinds.delete(codeOf(description, component));
    const componentLines = [...kinds].reduce((sum, kind) => sum + lines(kind), 0);
    return { component, trusted, kernelLines, componentLines, lines: kernelLines + componentLines };
  });
}
/** @returns who could corrupt it, the kernel included, each with the shortest chain by which. */
export const trustedBy = (
  audit: Audit,
  id: string,
): { readonly name: string; readonly chain: readonly AuditEdge[] }[] =>
  componentsOf(audit).flatMap(({ id: name }) => {
    const chain = name === id ? undefined : chainsFrom(audit, name, controlThen()).get(id);
    return chain === undefined ? [] : [{ name, chain }];
  });
const codeOf = ({ components }: Description, name: string): string => {
  const definition = components.find((component) => component.name === name);
  return name === KERNEL || definition === undefined ? name : kindOf(definition);
};
