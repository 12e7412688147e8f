/**
 * A system's module may stand anywhere: what it imports from `@bulkhead/…` is found in this tree when it is not found
 * where the module stands. So a newcomer copies one file, and need install nothing beside it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SCOPE = '@bulkhead/';
const ROOT = new URL('../../../', import.meta.url);

/** @returns the folder of a package of this tree, or null. */
export function packageFolder(name: string): string | null {
  const layers = [new URL('apps/', ROOT), ...layersOf(new URL('packages/', ROOT))];
  const found = layers.map((layer) => new URL(`${name}/`, layer)).find((folder) => existsSync(new URL('src', folder)));
  return found === undefined ? null : fileURLToPath(found);
}
const layersOf = (packages: URL): URL[] =>
  existsSync(packages) ? readdirSync(packages).map((layer) => new URL(`${layer}/`, packages)) : [];

let areHooked = false;

/** From now on modules outside this tree find its packages. */
export function offerOwnPackages(): void {
  if (areHooked) return;
  areHooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        const folder = specifier.startsWith(SCOPE) ? packageFolder(specifier.slice(SCOPE.length)) : null;
        if (folder === null) throw error;
        return next(pathToFileURL(`${folder}src/index.ts`).href, context);
      }
    },
  });
}
