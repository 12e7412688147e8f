/**
 * How much code runs with the kernel's privilege: TypeScript lines of the kernel packages, and of every component that
 * the description places in the kernel's domain. Counted from the sources as they stand on disk; blank lines and lines
 * that hold nothing but a comment do not count. Datasheets, contracts and base packages, which everybody shares, do not
 * count either.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Description, KERNEL_DOMAIN } from '@bulkhead/assembler';
import { KERNEL_PACKAGES } from '@bulkhead/audit';
import { kindOf } from '@bulkhead/runtime';
import { packageFolder } from './own-packages.ts';

/** @returns lines of code of a package by its folder's name; 0 when its sources are not at hand. */
export function linesOf(name: string): number {
  const found = packageFolder(name);
  if (found === null) return 0;
  const folder = join(found, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.reduce((sum, file) => sum + countLines(readFileSync(join(folder, file), 'utf8')), 0);
}

export function countLines(text: string): number {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return withoutBlocks.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

/** A component's code is in the package that bears the name of its kind. */
export function privilegedLines({ domains, components }: Description): number {
  const kinds = (domains[KERNEL_DOMAIN] ?? []).map((name) =>
    kindOf(components.find((component) => component.name === name) ?? { name }),
  );
  return [...new Set([...KERNEL_PACKAGES, ...kinds])].reduce((sum, kind) => sum + linesOf(kind), 0);
}
