import { z } from 'zod';
import { programsSchema } from '../../core/catalogue/programs';
import { azureSchema, imageSchema, rolesSchema, teamsSchema } from '../../core/catalogue/schemas';

/** The subset of JSON Schema that zod writes for the catalogue; `form` and `description` are ours. */
interface Shape {
  readonly type?: string;
  readonly form?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | false;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

type Files = Readonly<Record<string, { readonly schema: z.ZodType; readonly about: string }>>;

const catalogueFiles: Files = {
  'azure.yaml': { schema: azureSchema, about: 'Where goldbot works in Azure.' },
  'images/*.yaml': { schema: imageSchema, about: 'One file an image: what it is made of, tested by and approved by.' },
  'roles.yaml': { schema: rolesSchema, about: 'What the members of an Entra group may do.' },
  'programs.yaml': {
    schema: programsSchema,
    about: 'Which programs may ask goldbot, and which it tells. The file may be left out: then none is.',
  },
  'teams.yaml': { schema: teamsSchema, about: 'Which machines are whose. `<name>` is the name of the team.' },
};

/**
 * The text of `docs/reference/catalogue.md`, written from the schemas that the catalogue is parsed with.
 *
 * @throws Error for a key that nobody described.
 */
export function catalogueSections(files: Files = catalogueFiles): readonly string[] {
  return Object.entries(files).flatMap(([file, { schema, about }]) => {
    const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
    const rows = [...rowsOf(shape, '')];
    return [
      `## ${file}`,
      about,
      [
        '| key | type | default | meaning |',
        '|---|---|---|---|',
        ...rows.map(({ key, type, fallback, meaning }) => `| ${key} | ${type} | ${fallback} | ${meaning} |`),
      ].join('\n'),
    ];
  });
}

/** One row for each key below `shape`, whose own path is `path`. */
function* rowsOf(shape: Shape, path: string): Generator<Row> {
  if (shape.items) yield* rowsOf(shape.items, path === '' ? '- ' : `${path}[]`);
  if (shape.additionalProperties) yield* rowsOf(shape.additionalProperties, '<name>');
  yield* choiceRows(shape, path);
  for (const [key, inner] of Object.entries(shape.properties ?? {})) {
    const here = path === '' || path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`;
    const fallback = shape.required?.includes(key) ? 'required' : defaultOf(inner);
    yield { key: `\`${here}\``, type: typeOf(inner), fallback, meaning: meaningOf(inner, here) };
    yield* rowsOf(inner, here);
  }
}

/** Mappings, one of which applies. A `type` that says which has one row; the other keys name the type they are for. */
function* choiceRows(shape: Shape, path: string): Generator<Row> {
  const choices = (shape.oneOf ?? shape.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  const types = choices.map(({ properties }) => String(properties?.['type']?.const));
  if (!shape.oneOf) {
    for (const choice of choices) {
      const [first, ...below] = rowsOf(choice, path);
      if (first) yield choices.length > 1 ? { ...first, fallback: 'one of these' } : first;
      yield* below;
    }
    return;
  }
  const type = types.map((name) => `\`${name}\``).join(', ');
  yield { key: `\`${path}.type\``, type, fallback: 'required', meaning: 'Kind of the step.' };
  for (const [n, choice] of choices.entries()) {
    const { type: _, ...properties } = choice.properties ?? {};
    for (const row of rowsOf({ ...choice, properties }, path)) yield { ...row, key: `${row.key} (${types[n]})` };
  }
}

function typeOf(shape: Shape): string {
  const { form, format, enum: choices, const: only, items, anyOf, oneOf } = shape;
  if (form !== undefined) return form;
  if (format === 'uuid') return 'GUID';
  if (format === 'uri') return 'URL';
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (only !== undefined) return `\`${only}\``;
  if (items) return `list of ${plainly(typeOf(items))}`;
  const options = anyOf ?? oneOf;
  if (options) return [...new Set(options.map(typeOf))].join(' or ');
  return shape.type === 'integer' ? `integer${rangeOf(shape)}` : plainly(shape.type ?? 'text');
}

function plainly(type: string): string {
  const words: Readonly<Record<string, string>> = {
    object: 'mapping',
    string: 'text',
    boolean: '`true` or `false`',
    mapping: 'mappings',
    text: 'texts',
    name: 'names',
    integer: 'integers',
    'script line': 'script lines',
  };
  return words[type] ?? type;
}

/** Without the bounds that mean "any integer". */
function rangeOf({ minimum, maximum }: Shape): string {
  const [from, to] = [minimum, maximum].map((n) =>
    Number.isSafeInteger(n) && Math.abs(n ?? 0) < 2 ** 53 - 1 ? n : undefined,
  );
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}`;
  return from === undefined ? '' : `, at least ${from}`;
}

function defaultOf(shape: Shape): string {
  if (shape.default === undefined) return '–';
  return `\`${typeof shape.default === 'string' ? shape.default : JSON.stringify(shape.default)}\``;
}

/** @throws Error for a key that nobody described. */
function meaningOf({ description }: Shape, key: string): string {
  if (description !== undefined) return description;
  throw new Error(`core/catalogue/schemas.ts describes no \`${key}\`: add .describe().`);
}
