/**
 * How much code runs with the kernel's privilege: TypeScript lines of the kernel packages, and of every component that
 * the description places in the kernel's domain. Counted from the sources as they stand on disk; blank lines and lines
 * that hold nothing but a comment do not count. Datasheets, contracts and base packages, which everybody shares, do not
 * count either.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Description, KERNEL_DOMAIN } from '@bulkhead/assembler';

/** Packages of the kernel itself: they run with its privilege in every system. */
export const KERNEL_PACKAGES: readonly string[] = [
  'address-space',
  'capabilities',
  'interrupts',
  'ipc',
  'microkernel',
  'scheduler',
];

const PACKAGES = fileURLToPath(new URL('../../../packages', import.meta.url));

function sourceFolder(name: string): string | null {
  const layers = existsSync(PACKAGES) ? readdirSync(PACKAGES) : [];
  const folders = layers.map((layer) => join(PACKAGES, layer, name, 'src'));
  return folders.find((folder) => existsSync(folder)) ?? null;
}

/** @returns lines of code of a package by its folder's name; 0 when its sources are not at hand. */
export function linesOf(name: string): number {
  const folder = sourceFolder(name);
  if (folder === null) return 0;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.reduce((sum, file) => sum + countLines(readFileSync(join(folder, file), 'utf8')), 0);
}

export function countLines(text: string): number {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return withoutBlocks.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

/** A component's code is in the package that bears its name. */
export const privilegedLines = ({ domains }: Description): number =>
  [...KERNEL_PACKAGES, ...(domains[KERNEL_DOMAIN] ?? [])].reduce((sum, name) => sum + linesOf(name), 0);
