import { type Caller, personOf } from '../core/access';
import type { Turn } from '../dialogs';
import type { Address } from './teams';

/** The fields that goldbot reads from an activity that the front door has admitted. */
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

/** Teams appends the thread to the conversation's id. */
export function conversationOf({ conversation }: TeamsActivity): Pick<Address, 'kind' | 'threadId'> & { id: string } {
  const [id = '', threadId] = conversation.id.split(';messageid=');
  const kind = conversation.conversationType === 'personal' ? 'personal' : 'channel';
  return { id, kind, ...(threadId !== undefined && { threadId }) };
}

export function tenantOf(activity: TeamsActivity): string {
  return (activity.conversation.tenantId ?? activity.channelData?.tenant?.id ?? '').toLowerCase();
}

export function addressOfActivity(activity: TeamsActivity): Address {
  const { id, ...rest } = conversationOf(activity);
  return { ...rest, conversationId: id, tenantId: tenantOf(activity), serviceUrl: activity.serviceUrl };
}

/** Identified by the object id that Teams vouches for, and by nothing else. */
export function callerOf(activity: TeamsActivity): Caller | undefined {
  const { aadObjectId, name } = activity.from;
  if (!aadObjectId) return undefined;
  return { ...personOf(aadObjectId, name ?? 'somebody'), tenantId: tenantOf(activity) };
}

interface Known {
  readonly caller: Caller;
  /** Of the conversation. */
  readonly name: string | undefined;
  readonly intent: string;
}

export function turnOf(activity: TeamsActivity, { caller, name, intent }: Known): Turn {
  const { locale, localTimezone } = activity;
  return {
    person: caller,
    conversation: { ...conversationOf(activity), ...(name !== undefined && { name }) },
    intent,
    ...(locale !== undefined && { locale }),
    ...(localTimezone !== undefined && { timeZone: localTimezone }),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
