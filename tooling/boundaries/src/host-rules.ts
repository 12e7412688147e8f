/**
 * What no import shows: reading the host's clock or chance, and arithmetic that differs between hosts.
 *
 * `tsconfig.src.json` already hides Node and DOM globals from libraries; `Date` and `Math` are part of the language
 * and need a rule of their own.
 */
import ts from 'typescript';

export interface HostRule {
  readonly name: string;
  readonly why: string;
  /** Globals that may not be named. */
  readonly globals: readonly string[];
  /** Members of `Math` that may not be named. */
  readonly math: readonly string[];
}
export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

export const HOST_RULES: readonly HostRule[] = [
  {
    name: 'no-host-clock-global',
    why: 'time is simulated, and comes from a Clock',
    globals: ['Date', 'performance'],
    math: [],
  },
  { name: 'no-host-chance', why: 'chance is seeded, and comes from a Chance', globals: ['crypto'], math: ['random'] },
  {
    name: 'no-transcendental-math',
    why: 'V8 versions differ in the last bit, and a digest would too',
    globals: [],
    math: 'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp expm1 log log2 log10 log1p pow cbrt hypot'.split(
      ' ',
    ),
  },
];

/** `Math.name`, or the `name` of `const { name } = Math`. */
function mathMember(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Math')
    return node.name.text;
  if (!ts.isBindingElement(node) || !ts.isVariableDeclaration(node.parent.parent)) return undefined;
  const { initializer } = node.parent.parent;
  if (initializer === undefined || !ts.isIdentifier(initializer) || initializer.text !== 'Math') return undefined;
  return (node.propertyName ?? node.name).getText();
}

/** A name that is read as a value: not a member, a key, a declaration or part of a type. */
function isValueReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isTypeNode(parent) || ts.isTypeElement(parent) || ts.isClassElement(parent)) return false;
  return !(ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isParameter(parent));
}

function broken(node: ts.Node): { rule: HostRule; what: string } | undefined {
  const member = mathMember(node);
  for (const rule of HOST_RULES) {
    if (member !== undefined && rule.math.includes(member)) return { rule, what: `Math.${member}` };
    if (ts.isIdentifier(node) && rule.globals.includes(node.text) && isValueReference(node))
      return { rule, what: node.text };
  }
  return undefined;
}

export function findViolations(file: string, text: string): readonly Violation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const violations: Violation[] = [];
  const visit = (node: ts.Node): void => {
    const found = broken(node);
    if (found !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      violations.push({ rule: found.rule.name, file, line, what: `${found.what}: ${found.rule.why}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return violations;
}
