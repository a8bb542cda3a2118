import type { Schema } from './connector-teams';

const text: Schema = { type: 'string' };
const named: Schema = { type: 'string', minLength: 1 };

function closed(properties: Readonly<Record<string, Schema>>, ...optional: readonly string[]): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, properties, required };
}

const tap = closed({ type: { const: 'invoke' }, title: text, value: { type: 'object' } }, 'title');
const thumbnail = closed({ title: named, subtitle: text, text, tap }, 'subtitle', 'text', 'tap');
const preview = closed({ contentType: { const: 'application/vnd.microsoft.card.thumbnail' }, content: thumbnail });
const adaptive: Schema = { type: 'object', required: ['type'], properties: { type: { const: 'AdaptiveCard' } } };

/** Without a preview a client shows nothing of it. */
const attachment: Schema = {
  type: 'object',
  required: ['contentType'],
  discriminator: { propertyName: 'contentType' },
  oneOf: [
    closed({ contentType: { const: 'application/vnd.microsoft.card.adaptive' }, content: adaptive, preview }),
    closed({ contentType: { const: 'application/vnd.microsoft.card.thumbnail' }, content: thumbnail, preview }),
  ],
};
const result = closed({
  type: { const: 'result' },
  attachmentLayout: { enum: ['list', 'grid'] },
  attachments: { type: 'array', maxItems: 25, items: attachment },
});
const message = closed({ type: { const: 'message' }, text: named });

/** What a message box shows: a list or a card, or words in its place. */
const answer = closed({
  composeExtension: {
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: [result, message],
  },
});

const query = closed({
  commandId: named,
  parameters: { type: 'array', items: closed({ name: named, value: {} }) },
  queryOptions: closed({ skip: { type: 'integer' }, count: { type: 'integer', minimum: 1 } }),
});

/** What Teams asks beside a message box. */
export const extensionInvokes = {
  'composeExtension/query': {
    why: 'message extensions, “Receive user requests” and “Respond to search command”',
    value: query,
    isOfMessage: false,
    answer,
  },
  'composeExtension/selectItem': {
    why: 'message extensions, “Handle user selection”: the value is the bot’s own, of the line that was pressed',
    value: {} as Schema,
    isOfMessage: false,
    answer,
  },
  'composeExtension/queryLink': {
    why: 'message extensions, “Link unfurling”',
    value: closed({ url: { type: 'string', format: 'uri' }, state: text }, 'state'),
    isOfMessage: false,
    answer,
  },
};
