import type { Address } from './teams';

/** What goldbot reads of an activity that came through the front door. */
export interface TeamsActivity {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
  readonly replyToId?: string;
  readonly serviceUrl: string;
  readonly locale?: string;
  readonly localTimezone?: string;
  readonly from: { readonly id: string; readonly name?: string; readonly aadObjectId?: string };
  readonly recipient: { readonly id: string };
  readonly conversation: { readonly id: string; readonly conversationType?: string; readonly tenantId?: string };
  readonly channelData?: {
    readonly tenant?: { readonly id: string };
    readonly team?: { readonly id: string; readonly name?: string };
    readonly teamsTeamId?: string;
    readonly channel?: { readonly id: string; readonly name?: string };
    readonly eventType?: string;
  };
  readonly value?: unknown;
  readonly action?: string;
  readonly membersAdded?: readonly { readonly id: string }[];
  readonly membersRemoved?: readonly { readonly id: string }[];
}

/** Teams writes the thread into the conversation's id. */
export function conversationOf({ conversation }: TeamsActivity): Pick<Address, 'kind' | 'threadId'> & { id: string } {
  const [id = '', threadId] = conversation.id.split(';messageid=');
  const kind = conversation.conversationType === 'personal' ? 'personal' : 'channel';
  return { id, kind, ...(threadId !== undefined && { threadId }) };
}

/** The button and what came with it; undefined when the invoke is no click on a card. */
export function clickOf({ name, value }: TeamsActivity): { verb: string; data: unknown } | undefined {
  if (name !== 'adaptiveCard/action' || !isRecord(value)) return undefined;
  const { action } = value;
  if (!isRecord(action) || action['type'] !== 'Action.Execute') return undefined;
  return { verb: String(action['verb'] ?? ''), data: action['data'] };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
