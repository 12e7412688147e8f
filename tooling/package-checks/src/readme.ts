/** A README says what a package owns, and its one example is run. */
import { type Package, read, SCOPE } from './packages.ts';
import { importedPackages } from './specifiers.ts';

const SECTIONS = ['Owns', 'Does not own', 'Example', 'Specifications'] as const;
const BLOCK = /^```(\S*)[^\n]*\n([\s\S]*?)^```\s*$/gm;

interface Section {
  readonly title: string;
  readonly body: string;
}

function sectionsOf(text: string): readonly Section[] {
  const parts = text.replace(BLOCK, (block) => block.replaceAll('\n#', '\n\u0000#')).split(/^## /m);
  return parts.slice(1).map((part) => {
    const [title, ...body] = part.split('\n');
    return { title: title!.trim(), body: body.join('\n').trim() };
  });
}

const jsBlocks = (text: string): readonly string[] =>
  [...text.matchAll(BLOCK)].filter(([, language]) => language === 'js').map(([, , code]) => code!);

/** The example's code, when there is exactly one. */
export function exampleOf(pkg: Package): string | undefined {
  const blocks = jsBlocks(read(pkg, 'README.md') ?? '');
  return blocks.length === 1 ? blocks[0] : undefined;
}

function exampleProblems({ name, manifest }: Package, code: string): readonly string[] {
  const allowed = new Set([name, ...Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith(SCOPE))]);
  const foreign = importedPackages(code).filter((each) => each !== 'node:assert' && !allowed.has(each));
  const problems = foreign.map((each) => `the example imports ${each}, which installing the package does not bring`);
  return /\bassert\b/.test(code) ? problems : [...problems, 'the example asserts nothing'];
}

export function readmeProblems(pkg: Package): readonly string[] {
  const text = read(pkg, 'README.md');
  if (text === undefined) return ['there is no README.md'];
  const sections = sectionsOf(text);
  const problems: string[] = [];
  if (!/^# \S/.test(text)) problems.push('it does not begin with a title');
  for (const title of SECTIONS) {
    const found = sections.find((section) => section.title === title);
    if (found === undefined || found.body === '') problems.push(`"## ${title}" is missing or empty`);
  }
  const blocks = jsBlocks(text);
  if (blocks.length !== 1) problems.push(`there are ${blocks.length} js blocks where there must be one`);
  else problems.push(...exampleProblems(pkg, blocks[0]!));
  return problems;
}
