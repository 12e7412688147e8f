/** How every library is built: one ESM file, constants inlined, declarations beside it. */
import { defineConfig, type Options } from 'tsup';

/** Packages that hold only constants: inlined, so that a `switch` over imported names becomes a jump table. */
const CONSTANTS: readonly RegExp[] = [/^@bulkhead\/.*-datasheet$/];

export const library:
  | Options
  | Options[]
  | ((overrides: Options) => Options | Options[] | Promise<Options | Options[]>) = defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'es2023',
  platform: 'neutral',
  dts: true,
  clean: true,
  sourcemap: true,
  minifySyntax: true,
  noExternal: [...CONSTANTS],
});
