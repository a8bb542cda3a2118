import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { teamsFaults } from '../cards/teams';
import { sharedJson } from './shared';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a card by the schema of Adaptive Cards 1.5 and by what Teams does; empty when nothing is. */
export function judgeCard(card: Json): readonly string[] {
  const missing: string[] = [];
  const plain = withoutTeams(card, missing) as Json;
  made ??= makeJudges();
  const { published, exact } = made;
  const wrong = exact(plain) ? [] : explain(exact);
  if (!published(plain) && wrong.length === 0) wrong.push('schema: not a card of version 1.5');
  return [...missing, ...wrong, ...teamsFaults(card)];
}

/** Elements that Teams draws under version 1.5 and the schema does not know: each brings a fallback along. */
export const elementsOfTeams = /^(Chart\..+|CodeBlock|Icon|Rating|CompoundButton|Badge|ProgressBar|ProgressRing)$/;

/** The card as a client sees it that has nothing of Teams. */
function withoutTeams(node: unknown, missing: string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutTeams(item, missing)).filter((item) => item !== undefined);
  if (typeof node !== 'object' || node === null) return node;
  // Properties that other clients pass over: where something flows, and on how wide a card it shows.
  const { msteams: _, layouts: __, targetWidth: ___, ...own } = node as Json;
  if (elementsOfTeams.test(String(own['type']))) {
    if (own['fallback'] === undefined) missing.push(`${String(own['type'])} has no fallback`);
    return typeof own['fallback'] === 'object' ? withoutTeams(own['fallback'], missing) : undefined;
  }
  // Teams filters what may be chosen by what is typed, and asks the bot; others show a list of what the card brings.
  const { 'choices.data': ____, ...listed } = own;
  const known =
    own['type'] === 'Input.ChoiceSet' && own['style'] === 'filtered' ? { ...listed, style: 'compact' } : own;
  return Object.fromEntries(Object.entries(known).map(([key, value]) => [key, withoutTeams(value, missing)]));
}

interface Judges {
  readonly published: ValidateFunction;
  readonly exact: ValidateFunction;
}

let made: Judges | undefined;

function makeJudges(): Judges {
  const { id: _, $schema: __, ...schema } = sharedJson<Json>('adaptive-cards', 'adaptive-card-1.5.0.schema.json');
  const ajv = () => addFormats(new Ajv({ strict: false, discriminator: true, allErrors: true, allowUnionTypes: true }));
  return { published: ajv().compile(schema), exact: ajv().compile(exactly(schema) as Json) };
}

/**
 * The schema, read by the type that an element says to be, so that a mistake is named where it is; and words of a list
 * compared whole: the published patterns take any text that has one of them inside.
 */
function exactly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(exactly);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { anyOf, ...rest } = schema as Json & { anyOf?: readonly Json[] };
  const others = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, exactly(value)]));
  if (!anyOf) return others;
  const words = anyOf.find((option) => option['enum'])?.['enum'] as readonly string[] | undefined;
  if (words && anyOf.some((option) => option['pattern'])) return { ...others, type: 'string', pattern: anyCase(words) };
  const kinds = anyOf.map((option) => (option['allOf'] as readonly Json[] | undefined)?.[0]);
  if (anyOf.length > 1 && kinds.every((kind) => kind !== undefined))
    return { ...others, type: 'object', required: ['type'], discriminator: { propertyName: 'type' }, oneOf: kinds };
  return { ...others, anyOf: exactly(anyOf) };
}

function anyCase(words: readonly string[]): string {
  const letter = (c: string) => `[${c.toLowerCase()}${c.toUpperCase()}]`;
  return `^(?:${words.map((word) => [...word].map(letter).join('')).join('|')})$`;
}

function explain({ errors }: ValidateFunction): string[] {
  const precise = errors?.filter(({ keyword }) => keyword !== 'anyOf') ?? [];
  return (precise.length > 0 ? precise : (errors ?? [])).map(({ instancePath, message, params }) => {
    const more = params['additionalProperty'] ?? params['tagValue'] ?? '';
    return `${instancePath || '/'}: ${message}${more === '' ? '' : ` (${String(more)})`}`;
  });
}
