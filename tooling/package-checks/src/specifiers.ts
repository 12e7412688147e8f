/** Which packages a piece of code imports. */
import ts from 'typescript';

/** `@scope/name/deep` is of `@scope/name`, `node:fs/promises` of `node:fs`. */
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

export function importedPackages(text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const bare = importedFiles.map(({ fileName }) => fileName).filter((name) => !name.startsWith('.'));
  return [...new Set(bare.map(packageOf))];
}
