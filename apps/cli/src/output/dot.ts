/** Text in the DOT language of Graphviz. */

/** A quoted string. Lines are separated by line feeds. */
export const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** `digraph "name" { … }`, one statement a line. */
export const digraph = (name: string, statements: readonly string[]): string =>
  [`digraph ${quoted(name)} {`, ...statements.map((statement) => `  ${statement}`), '}', ''].join('\n');

export const attributes = (values: Readonly<Record<string, string>>): string =>
  `[${Object.entries(values)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(', ')}]`;
