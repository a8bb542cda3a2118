import { invokes } from './connector-invokes';
import type { Schema } from './connector-teams';

const activity: Schema = { $ref: 'connector#/definitions/Activity' };

/** What every activity of Teams has. */
const anyInbound = {
  ...activity,
  required: ['id', 'timestamp', 'channelId', 'serviceUrl', 'from', 'recipient', 'conversation', 'channelData'],
  properties: {
    channelId: { const: 'msteams' },
    from: { required: ['aadObjectId'] },
    conversation: { required: ['conversationType', 'tenantId'] },
    channelData: { required: ['tenant'] },
  },
} satisfies Schema;

/** What Teams posts to a bot, by the activity's type; another type is unknown. */
export const inbound: Readonly<Record<string, Schema>> = {
  message: { allOf: [anyInbound, { required: ['text', 'textFormat'] }] },
  installationUpdate: {
    allOf: [
      anyInbound,
      { required: ['action'], properties: { action: { enum: ['add', 'remove', 'add-upgrade', 'remove-upgrade'] } } },
    ],
  },
  invoke: { ...anyInbound, required: [...anyInbound.required, 'name', 'value'] },
  ...Object.fromEntries(
    Object.entries(invokes).map(([name, { value, isOfMessage }]) => [
      `invoke ${name}`,
      { ...(isOfMessage && { required: ['replyToId'] }), properties: { value } },
    ]),
  ),
  conversationUpdate: {
    allOf: [
      anyInbound,
      {
        anyOf: [
          { required: ['membersAdded'] },
          { required: ['membersRemoved'] },
          { properties: { channelData: { required: ['eventType'] } } },
        ],
      },
    ],
  },
};

/** What Teams takes from a bot, by the activity's type: a message has something to show. */
export const outbound: Readonly<Record<string, Schema>> = {
  typing: activity,
  message: {
    ...activity,
    properties: {
      attachments: {
        items: {
          properties: {
            contentType: { const: 'application/vnd.microsoft.card.adaptive' },
            content: { type: 'object' },
          },
          required: ['content'],
        },
      },
    },
    anyOf: [
      { required: ['text'], properties: { text: { minLength: 1 } } },
      { required: ['attachments'], properties: { attachments: { minItems: 1 } } },
    ],
  },
};
