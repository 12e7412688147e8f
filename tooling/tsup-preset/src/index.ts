/** How every library is built: one ESM file, constants inlined, declarations beside it. */
import { readFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

/** Packages that hold only constants: inlined, so that a `switch` over imported names becomes a jump table. */
const CONSTANTS: readonly RegExp[] = [/^@bulkhead\/.*-datasheet$/];

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const TAKEN_FROM_NAMESPACE = /^const (\{[\w\s,]*\}) =\s+(\w+);$/gm;
/**
 * Sources on hot paths take names from a namespace, `const { NEXT } = layout`, because the host's compiler sees a
 * module's own constant as a literal and an imported one not. In the one file that is built it is the other way round:
 * what is imported becomes a literal here. Lines stay where they were, for the source map.
 */
const namedImports: Plugin = {
  name: 'named-imports',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]src[\\/][^\\/]+\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(TAKEN_FROM_NAMESPACE, (whole, names: string, namespace: string) => {
        const from = new RegExp(`^import \\* as ${namespace} from ('\\./[^']+');$`, 'm').exec(text)?.[1];
        return from === undefined ? whole : `import ${names} from ${from};`;
      });
      return { contents, loader: 'ts' };
    });
  },
};

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
  esbuildPlugins: [namedImports],
});
