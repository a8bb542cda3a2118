import { z } from 'zod';
import { parseRequestId, type RequestId } from '../core/ids';
import { isVersion } from '../core/versions';

/** What an argument means to the grammar, to forms and to the docs. */
export interface ArgMeta {
  readonly kind: 'image' | 'ref' | 'version' | 'request' | 'text' | 'list' | 'choice' | 'flag' | 'number' | 'word';
  readonly label: string;
  /** How a value looks in the usage line: `x.y.z`. */
  readonly value?: string;
  /** False: typed only, a form does not ask for it. */
  readonly form?: boolean;
  /** Understood, but absent from help, docs and forms. */
  readonly hidden?: boolean;
}

export interface ArgInfo extends ArgMeta {
  readonly name: string;
  readonly positional: boolean;
  readonly required: boolean;
  readonly choices: readonly string[];
}

/** Gives a schema its meaning. */
function arg<Schema extends z.ZodType>(schema: Schema, meta: ArgMeta): Schema {
  return schema.meta({ ...meta });
}

const short = z.string().trim().min(1, 'must not be empty');

/** The name of an image; the router has turned an alias into it. */
export const imageName = arg(short.max(64), { kind: 'image', label: 'Image', value: 'image' });

/** `ubuntu-22@1.6.0`, `ubuntu-22 1.6.0` or `ubuntu-22`; comes out as image and version (absent: the latest). */
export const imageRef = arg(short.max(120), {
  kind: 'ref',
  label: 'Image and version',
  value: 'image@version',
}).transform(splitRef);

/** `1.6.0`, `latest`, `previous` or `candidate`. */
export const versionWord = arg(
  short
    .max(40)
    .transform((text) => text.toLowerCase())
    .refine(isVersionWord, 'must be three numbers such as 1.6.0, or latest, previous or candidate'),
  { kind: 'version', label: 'Version', value: 'version' },
);

/** The id of a run or of one of its approvals. */
export const requestId = arg(short.max(20), { kind: 'request', label: 'Request', value: 'R-XXXXX' }).transform(
  (text, context): RequestId => {
    const id = parseRequestId(text);
    if (id) return id;
    context.addIssue(`"${text}" is no request id; they look like R-7F3KQ`);
    return z.NEVER;
  },
);

export function textArg(label: string, more: Partial<ArgMeta> = {}) {
  return arg(short.max(500, 'must be at most 500 characters'), { kind: 'text', label, value: '"…"', ...more });
}

export function word(label: string, value: string, more: Partial<ArgMeta> = {}) {
  return arg(short.max(500, 'is too long'), { kind: 'word', label, value, ...more });
}

export function choice<const Options extends readonly [string, ...string[]]>(label: string, options: Options) {
  return arg(z.enum(options), { kind: 'choice', label, value: options.join('|') });
}

export function flag(label: string, more: Partial<ArgMeta> = {}) {
  return arg(z.boolean(), { kind: 'flag', label, ...more }).default(false);
}

export function count(label: string, max: number, more: Partial<ArgMeta> = {}) {
  return arg(z.coerce.number().int('must be a whole number').min(1).max(max), {
    kind: 'number',
    label,
    value: 'n',
    ...more,
  });
}

/** `West Europe, North Europe`. */
export function list(label: string, value: string, more: Partial<ArgMeta> = {}) {
  const items = (text: string) => text.split(',').flatMap((item) => item.trim() || []);
  return arg(short.max(500), { kind: 'list', label, value, ...more })
    .transform(items)
    .refine((found) => found.length > 0, 'must name at least one');
}

export interface Ref {
  readonly image: string;
  /** `1.6.0`, `latest`, `previous`, `candidate`; absent when none was named. */
  readonly version?: string;
}

export function splitRef(text: string): Ref {
  const [image = '', version] = text.trim().split(/\s*@\s*|\s+/, 2);
  return version ? { image, version: version.toLowerCase() } : { image };
}

/** Reads the data of a command's schema once, for everything that lists arguments. */
export function describeArgs(schema: z.ZodObject, positional: readonly string[]): readonly ArgInfo[] {
  return Object.entries(schema.shape).map(([name, type]) => {
    const field = type as z.ZodType;
    const meta = metaOf(field);
    if (!meta) throw new Error(`argument ${name} has no meaning: build it with dialogs/arguments.ts`);
    return {
      ...meta,
      name,
      positional: positional.includes(name),
      required: !field.safeParse(undefined).success,
      choices: meta.kind === 'choice' ? (meta.value ?? '').split('|') : [],
    };
  });
}

function isVersionWord(text: string): boolean {
  return isVersion(text) || text === 'latest' || text === 'previous' || text === 'candidate';
}

/** The meaning stands on the innermost schema, under `optional`, `default` and `transform`. */
function metaOf(schema: z.ZodType): ArgMeta | undefined {
  const own = schema.meta();
  if (own && 'kind' in own) return own as unknown as ArgMeta;
  const inner =
    (schema.def as { innerType?: z.ZodType; in?: z.ZodType }).innerType ?? (schema.def as { in?: z.ZodType }).in;
  return inner && metaOf(inner);
}
