/** One bench file in one process: another file's shapes must not slow its call sites. */
import { pathToFileURL } from 'node:url';
import { measureAll } from './bench.ts';

await import(pathToFileURL(process.argv[2]!).href);
await measureAll((measured) => process.send?.(measured));
process.disconnect?.();
