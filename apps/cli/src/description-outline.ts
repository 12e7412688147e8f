/**
 * Whether a value has the shape of a description, in lines for somebody who writes one by hand. Node runs TypeScript
 * without looking at its types, so what the compiler would say has to be said here. What it means, the assembler checks.
 */
import type { Description, ProgramDescription } from '@bulkhead/assembler';
import { z } from 'zod';

const aFunction = z.custom<unknown>((value) => typeof value === 'function');
const contract = z.looseObject({ name: z.string(), calls: z.looseObject({}), events: z.looseObject({}) });
const frames = z.record(z.string(), z.looseObject({ sizeBits: z.number(), count: z.number() }));
const component = z.looseObject({
  name: z.string(),
  kind: z.string().optional(),
  level: z.number(),
  uses: z.record(z.string(), contract),
  provides: z.record(z.string(), contract),
  footprint: z.looseObject({ codePages: z.number(), dataPages: z.number() }),
  heapPages: z.number(),
  limitUs: z.number().optional(),
  regions: frames.optional(),
  shares: frames.optional(),
  rights: z.array(z.string()).optional(),
  work: z.array(z.string()),
  accepts: z.record(z.string(), aFunction.optional()).optional(),
  create: aFunction,
});
const reservation = z.strictObject({ sizeMiB: z.number(), atMiB: z.number().optional() });

const budget = z.strictObject({ budgetUs: z.number(), periodUs: z.number() });
const patience = z.strictObject({ interruptUs: z.number().optional(), budgetPeriods: z.number().optional() });
const program = z.strictObject({
  domain: z.string(),
  priority: z.number(),
  budgetUs: z.number(),
  periodUs: z.number(),
  calls: z.record(z.string(), z.string()).optional(),
  memoryBits: z.number().optional(),
  schedControl: z.boolean().optional(),
  code: aFunction,
} satisfies Readonly<Record<keyof ProgramDescription, z.ZodType>>);

/** One shape a field, none forgotten: the compiler knows what a description has. */
type Shapes = Readonly<Record<keyof Description, z.ZodType>>;
const shapes = {
  // It heads columns, is one of several between commas, and becomes part of the names of files.
  name: z.string().regex(/^[\w-][\w .-]*$/),
  summary: z.string(),
  components: z.array(component),
  domains: z.record(z.string(), z.array(z.string())),
  connections: z.array(z.string()),
  authority: z.record(z.string(), z.record(z.string(), z.string())),
  config: aFunction,
  iommu: z.enum(['off', 'bare', 'translating']),
  ownership: z.enum(['off', 'checked']).optional(),
  messages: z.enum(['off', 'translated']).optional(),
  invalidation: z.enum(['strict', 'deferred']).optional(),
  supervised: z.array(z.string()),
  rings: z.array(z.string()).optional(),
  levels: z.record(z.string(), z.number()).optional(),
  limits: z.record(z.string(), z.number()).optional(),
  budgets: z.record(z.string(), budget).optional(),
  patience: patience.optional(),
  programs: z.record(z.string(), program).optional(),
  nics: z.number().optional(),
  topology: z.string().optional(),
  nicModels: z.array(z.string()).optional(),
  reserve: z.record(z.string(), reservation).optional(),
} satisfies Shapes;
const outline = z.strictObject(shapes);

const KEYS: readonly string[] = Object.keys(outline.shape);
/** What the walls have nothing to do with: it comes from a function of parts. */
const PARTS: readonly string[] = ['components', 'connections', 'authority', 'config'];

/** @returns a line for each thing that has the wrong shape, with its mend; none for a description. */
export function checkOutline(value: object): string[] {
  if (!KEYS.some((key) => key in value)) return ['it has none of the fields: make it with system({ … })'];
  const parsed = outline.safeParse(value, { reportInput: true });
  if (parsed.success) return [];
  const missing = KEYS.filter((key) => !(key in value) && parsed.error.issues.some(({ path }) => path[0] === key));
  return [
    ...(missing.length > 0 ? [missingFields(missing)] : []),
    ...withoutEchoes(parsed.error.issues.filter(({ path }) => !missing.includes(String(path[0])))).map(lineOf),
  ];
}

/** A field that is misspelt is missing, too: that is one mistake. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const misspelt = new Set(issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => pathOf(path)));
  return issues.filter(({ input, path }) => input !== undefined || !misspelt.has(pathOf(path.slice(0, -1))));
}

function missingFields(missing: readonly string[]): string {
  const [are, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const spread = missing.some((key) => PARTS.includes(key)) ? ', or spread what has them, such as ...webService()' : '';
  return `${missing.join(', ')} ${are} missing: add ${them}${spread}`;
}

type Issue = z.core.$ZodIssue;

function lineOf(issue: Issue): string {
  const where = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, where);
  if (issue.input === undefined) return `${where} is missing: add it`;
  if (issue.code === 'invalid_type' && issue.expected === 'record' && isMade(issue.input))
    return `${where} is no object of names alone: write it in braces, and name nothing '__proto__'`;
  return `${where} is ${shown(issue.input)}: ${mendOf(issue)}`;
}

function unknownKeys(keys: readonly string[], where: string): string {
  const named = keys.map((key) => `'${key}'`).join(', ');
  if (where !== '') return `${where} has no ${named}: use ${FIELDS[where.split('.')[0]!] ?? 'what it has'}`;
  // Who knows the first letters slips in the rest.
  const near = KEYS.filter((known) => keys.some((key) => known.startsWith(key.slice(0, 3))));
  const mend = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `use one of ${KEYS.join(', ')}`;
  return `there is no ${named} in a description: ${mend}`;
}

/** Of what stands in a field by name. */
const FIELDS: Readonly<Record<string, string>> = {
  reserve: Object.keys(reservation.shape).join(' and '),
  budgets: Object.keys(budget.shape).join(' and '),
  programs: Object.keys(program.shape).join(', '),
  patience: Object.keys(patience.shape).join(' and '),
};

/** An object that has a prototype of its own, as one does that is written with a `__proto__`. */
const isMade = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `domains.net-stack[0]`. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`)).join('');

function shown(value: unknown): string {
  if (typeof value === 'string') return value.includes('\n') ? 'a text of several lines' : `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

const SHAPES: Readonly<Record<string, string>> = {
  array: 'write a list, in square brackets',
  object: 'write an object, in braces',
  record: 'write an object, in braces',
  string: 'write a text, in quotes',
  number: 'write a number',
};

function mendOf(issue: Issue): string {
  if (issue.code === 'invalid_value') return `use ${choiceOf(issue.values.map((one) => `'${String(one)}'`))}`;
  if (issue.code === 'invalid_format') return "use letters, digits, '-' and blanks";
  if (issue.code !== 'invalid_type') return 'write a function';
  const isPlace = issue.path[0] === 'domains' && issue.expected === 'string';
  if (isPlace) return `write the component's name, in quotes${nameIn(issue.input)}`;
  if (issue.path[0] === 'components' && issue.path.length === 2)
    return 'list the component itself, imported from its package';
  return SHAPES[issue.expected] ?? `write ${issue.expected}`;
}

/** A component that stands where its name should. */
function nameIn(value: unknown): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? `: '${name}'` : '';
}
/** As the assembler words it. */
const choiceOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
