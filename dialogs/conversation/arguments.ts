import { z } from 'zod';
import { isVersion } from '../../core/images';
import { parseRequestId, type RequestId } from '../../core/runs';

/** What an argument means to the grammar, to forms and to the docs. */
export interface ArgMeta {
  readonly kind: 'image' | 'ref' | 'version' | 'request' | 'text' | 'list' | 'choice' | 'flag' | 'number' | 'word';
  readonly label: string;
  /** How a value looks in the usage line: `x.y.z`. */
  readonly value?: string;
  /** What it wants, in words: `a whole number from 1 to 100`. */
  readonly takes: string;
  /** A value that it accepts. */
  readonly example: string;
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

const short = z.string().trim().min(1);

/** The name of an image; the router has turned an alias into it. */
export const imageName = arg(short.max(64), {
  kind: 'image',
  label: 'Image',
  value: 'image',
  takes: 'the name of an image',
  example: 'ubuntu-22',
});

/** `ubuntu-22@1.6.0`, `ubuntu-22 1.6.0` or `ubuntu-22`; comes out as image and version (absent: the latest). */
export const imageRef = arg(short.max(120), {
  kind: 'ref',
  label: 'Image and version',
  value: 'image@version',
  takes: 'an image, and a version if you like',
  example: 'ubuntu-22@latest',
}).transform(splitRef);

/** `1.6.0`, `latest`, `previous` or `candidate`. */
export const versionWord = arg(
  short
    .max(40)
    .transform((text) => text.toLowerCase())
    .refine(isVersionWord),
  {
    kind: 'version',
    label: 'Version',
    value: 'version',
    takes: 'three numbers such as 1.6.0, or latest, previous or candidate',
    example: 'latest',
  },
);

/** The id of a run or of one of its approvals. */
export const requestId = arg(short.max(20), {
  kind: 'request',
  label: 'Request',
  value: 'R-XXXXX',
  takes: 'an id such as R-7F3KQ',
  example: 'R-7F3KQ',
}).transform((text, context): RequestId => {
  const id = parseRequestId(text);
  if (id) return id;
  context.addIssue(`"${text}" is no request id`);
  return z.NEVER;
});

export function textArg(label: string, more: Partial<ArgMeta> = {}) {
  const takes = 'a text of at most 500 characters';
  return arg(short.max(500), { kind: 'text', label, value: '"…"', takes, example: 'openssl fix', ...more });
}

/** `example`: a value that makes sense where it is suggested. */
export function word(label: string, value: string, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  return arg(short.max(500), { kind: 'word', label, value, takes: `something such as ${more.example}`, ...more });
}

export function choice<const Options extends readonly [string, ...string[]]>(label: string, options: Options) {
  const all = options.length === 1 ? options[0] : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`;
  return arg(z.enum(options), { kind: 'choice', label, value: options.join('|'), takes: all, example: options[0] });
}

export function flag(label: string, more: Partial<ArgMeta> = {}) {
  return arg(z.boolean(), { kind: 'flag', label, takes: 'nothing after it', example: '', ...more }).default(false);
}

export function count(label: string, max: number, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  return arg(z.coerce.number().int().min(1).max(max), {
    kind: 'number',
    label,
    value: 'n',
    takes: `a whole number from 1 to ${max}`,
    ...more,
  });
}

/** `West Europe, North Europe`. */
export function list(label: string, value: string, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  const items = (text: string) => text.split(',').flatMap((item) => item.trim() || []);
  return arg(short.max(500), { kind: 'list', label, value, takes: 'names with commas between them', ...more })
    .transform(items)
    .refine((found) => found.length > 0);
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
