import type { Schema } from './connector-teams';
import { extensionInvokes } from './extension-invokes';

/** What Teams asks of a bot by an invoke, and what it takes as the answer. */
interface Invoke {
  /** Where it is written, since the swagger knows no invoke. */
  readonly why: string;
  /** Of the activity's `value`. */
  readonly value: Schema;
  /** Whether it is about a message, which the activity then names. */
  readonly isOfMessage: boolean;
  readonly answer: Schema;
  /** Of an answer, by its `type`, where it says one. */
  readonly answers?: Readonly<Record<string, Schema>>;
}

const text: Schema = { type: 'string' };
const named: Schema = { type: 'string', minLength: 1 };
const anything: Schema = { type: 'object' };

function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: 'object', additionalProperties: false, properties, required };
}

const statuses: Schema = { enum: [200, 400, 401, 412, 500] };
const answered = closed({ statusCode: statuses, type: named, value: {} }, ['statusCode', 'type']);
const whole = (value: Schema): Schema => ({
  required: ['value'],
  properties: { statusCode: { const: 200 }, value },
});
const failed: Schema = {
  required: ['value'],
  properties: {
    statusCode: { enum: [400, 401, 412, 500] },
    value: closed({ code: named, message: named }, ['code', 'message']),
  },
};

const card = closed(
  {
    contentType: { const: 'application/vnd.microsoft.card.adaptive' },
    content: { type: 'object', required: ['type'], properties: { type: { const: 'AdaptiveCard' } } },
  },
  ['contentType', 'content'],
);
const dialog = closed({ title: text, width: {}, height: {}, card }, ['card']);
const pressed = closed({ data: anything, context: closed({ theme: named }, []), commandId: text }, ['data', 'context']);
const continued = closed({ type: { const: 'continue' }, value: dialog }, ['type', 'value']);
const ended = closed({ type: { const: 'message' }, value: named }, ['type', 'value']);
const task: Schema = {
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [continued, ended],
};

export const invokes: Readonly<Record<string, Invoke>> = {
  ...extensionInvokes,
  'adaptiveCard/action': {
    why: 'Adaptive Cards, universal actions; `title` is sent though no page names it',
    value: { $ref: 'connector#/definitions/CardInvoke' },
    isOfMessage: true,
    answer: answered,
    answers: {
      'application/vnd.microsoft.card.adaptive': whole({
        type: 'object',
        required: ['type'],
        properties: { type: { const: 'AdaptiveCard' } },
      }),
      'application/vnd.microsoft.activity.message': whole(named),
      'application/vnd.microsoft.error': failed,
    },
  },
  'application/search': {
    why: 'typeahead search in Adaptive Cards: at most 15 are asked for and shown',
    value: closed(
      {
        queryText: text,
        queryOptions: closed({ skip: { type: 'integer' }, top: { type: 'integer' } }, ['skip', 'top']),
        dataset: named,
        data: anything,
      },
      ['queryText', 'queryOptions', 'dataset'],
    ),
    isOfMessage: false,
    answer: answered,
    answers: {
      'application/vnd.microsoft.search.searchResponse': whole(
        closed(
          {
            results: { type: 'array', maxItems: 15, items: closed({ title: named, value: text }, ['title', 'value']) },
          },
          ['results'],
        ),
      ),
      'application/vnd.microsoft.error': failed,
    },
  },
  'task/fetch': {
    why: 'dialogs: what a button that opens one is answered with',
    value: pressed,
    isOfMessage: true,
    answer: closed({ task }, ['task']),
  },
  'task/submit': {
    why: 'dialogs: an answer without a task closes it',
    value: pressed,
    isOfMessage: false,
    answer: closed({ task }, []),
  },
};
