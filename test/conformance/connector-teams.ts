/** A JSON Schema, as far as one is written by hand here. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const named: Schema = { type: 'string', minLength: 1 };
const ref = (definition: string): Schema => ({ $ref: `#/definitions/${definition}` });

function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', additionalProperties: false, properties, required };
}

interface Addition {
  /** Where the field or the demand is written, since the swagger is silent. */
  readonly why: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/**
 * What Teams says beyond the swagger, by definition. The swagger demands no field at all; those that the Bot Framework's
 * activity schema and Teams' pages call required are demanded here.
 */
export const additions: Readonly<Record<string, Addition>> = {
  Activity: {
    why: 'the activity schema: a type always; value is whatever its name says; entities have their own fields',
    required: ['type'],
    properties: {
      value: {},
      entities: { type: 'array', items: ref('TeamsEntity') },
      channelData: ref('TeamsChannelData'),
    },
  },
  ChannelAccount: {
    why: 'TeamsChannelAccount: what Teams says of a member (get-teams-context)',
    required: ['id'],
    properties: {
      objectId: text,
      givenName: text,
      surname: text,
      email: text,
      userPrincipalName: text,
      tenantId: text,
      userRole: { enum: ['user', 'guest', 'anonymous'] },
    },
  },
  ConversationAccount: {
    why: 'the three kinds of conversation of Teams',
    required: ['id'],
    properties: { conversationType: { enum: ['personal', 'channel', 'groupChat'] } },
  },
  Attachment: {
    why: 'the content is what the content type says; of text/html it is a text',
    required: ['contentType'],
    properties: { content: {} },
  },
  ConversationParameters: {
    why: 'a channel is named in channelData',
    properties: { channelData: ref('TeamsChannelData') },
  },
  ResourceResponse: { why: 'without the id nothing can be edited', required: ['id'] },
  ConversationResourceResponse: { why: 'without the id nothing can be said there', required: ['id'] },
  PagedMembersResult: { why: 'get-teams-context', required: ['members'] },
  ErrorResponse: { why: 'conversation-messages, status codes', required: ['error'] },
  Error: { why: 'conversation-messages, status codes', required: ['code', 'message'] },
};

/** Definitions that the swagger does not have. */
export const teamsDefinitions: Readonly<Record<string, Schema>> = {
  TeamsEntity: {
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: [ref('TeamsMention'), ref('ClientInfo')],
  },
  TeamsMention: closed({ type: { const: 'mention' }, text: named, mentioned: ref('ChannelAccount') }, [
    'text',
    'mentioned',
  ]),
  ClientInfo: closed({
    type: { const: 'clientInfo' },
    locale: named,
    country: named,
    platform: named,
    timezone: named,
  }),
  // botframework-schema: TeamsChannelData, with the two older ids that Teams still sends.
  TeamsChannelData: closed({
    tenant: ref('Named'),
    team: closed({ id: named, name: text, aadGroupId: named }, ['id']),
    channel: ref('Named'),
    teamsTeamId: named,
    teamsChannelId: named,
    eventType: { enum: teamEvents() },
    settings: closed({ selectedChannel: ref('Named') }),
    source: closed({ name: named }),
    legacy: closed({ replyToId: named }),
    // Not Teams' own: goldbot marks an answer that is not yet whole, for who drives it by hand. Teams passes over it.
    pending: { const: true },
  }),
  Named: closed({ id: named, name: text }, ['id']),
  TeamDetails: closed(
    {
      id: named,
      name: text,
      aadGroupId: named,
      tenantId: named,
      type: { enum: ['standard', 'sharedChannel', 'privateChannel'] },
      channelCount: { type: 'integer' },
      memberCount: { type: 'integer' },
    },
    ['id', 'name', 'aadGroupId'],
  ),
  ConversationList: closed({ conversations: { type: 'array', items: ref('Named') } }, ['conversations']),
  // Adaptive Cards, universal actions: the invoke and its answer. `title` is sent though no page names it.
  CardInvoke: closed(
    {
      action: closed(
        { type: { const: 'Action.Execute' }, id: text, verb: text, title: text, data: { type: 'object' } },
        ['type'],
      ),
      trigger: { enum: ['manual', 'automatic'] },
      authentication: { type: 'object' },
      state: text,
    },
    ['action', 'trigger'],
  ),
  Refused401: closed({ message: named }, ['message']),
};

/** Teams' own operations, of which the swagger says nothing: as botframework-connector's TeamsConnectorClient calls them. */
export const teamsPaths = {
  '/v3/teams/{teamId}': { operation: 'Teams_FetchTeamDetails', answer: 'TeamDetails' },
  '/v3/teams/{teamId}/conversations': { operation: 'Teams_FetchChannelList', answer: 'ConversationList' },
} as const;

/** "Status codes from bot conversational APIs", and MemberNotFoundInConversation, which Teams' samples look for. */
export const errorCodes: Readonly<Record<number, readonly string[]>> = {
  400: ['Bad Argument'],
  401: ['BotNotRegistered'],
  403: [
    'BotDisabledByAdmin',
    'BotNotInConversationRoster',
    'ConversationBlockedByUser',
    'ForbiddenOperationException',
    'InvalidBotApiHost',
    'MessageWritesBlocked',
    'NotEnoughPermissions',
  ],
  404: ['ActivityNotFoundInConversation', 'ConversationNotFound', 'MemberNotFoundInConversation'],
  412: ['PreconditionFailed'],
  413: ['MessageSizeTooBig'],
  429: ['Throttled'],
  500: ['ServiceError'],
  502: ['ServiceError'],
};

/** Gateways in front of Teams answer these, with no words of Teams. */
export const wordless: ReadonlySet<number> = new Set([503, 504]);

function teamEvents(): readonly string[] {
  const channel = ['Created', 'Renamed', 'Deleted', 'Restored', 'Shared', 'Unshared', 'MemberAdded', 'MemberRemoved'];
  const team = [
    'Renamed',
    'Deleted',
    'HardDeleted',
    'Archived',
    'Unarchived',
    'Restored',
    'MemberAdded',
    'MemberRemoved',
  ];
  const message = ['editMessage', 'undeleteMessage', 'softDeleteMessage'];
  return [...channel.map((e) => `channel${e}`), ...team.map((e) => `team${e}`), ...message];
}
