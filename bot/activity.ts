import { type Caller, personOf } from '../core/access';
import { isRecord } from '../core/collections';
import type { MentionedPerson, Turn } from '../dialogs';
import { privateQuestion } from './private';
import { type Address, inSightOfAll, isGroupChat } from './teams';

/** The fields that goldbot reads from an activity that the front door has admitted. */
export interface TeamsActivity {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
  readonly entities?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly replyToId?: string;
  readonly serviceUrl: string;
  readonly locale?: string;
  readonly localTimezone?: string;
  readonly from: { readonly id: string; readonly name?: string; readonly aadObjectId?: string };
  /** `isTargeted`: said to goldbot alone, after a `/`; nobody else in the conversation sees it. */
  readonly recipient: { readonly id: string; readonly isTargeted?: boolean };
  readonly conversation: { readonly id: string; readonly conversationType?: string; readonly tenantId?: string };
  readonly channelData?: {
    readonly tenant?: { readonly id: string };
    readonly team?: { readonly id: string; readonly name?: string; readonly aadGroupId?: string };
    readonly teamsTeamId?: string;
    readonly channel?: { readonly id: string; readonly name?: string };
    readonly eventType?: string;
    /** Of an installation in a team: the channel that was chosen for it. */
    readonly settings?: { readonly selectedChannel?: { readonly id: string } };
  };
  readonly value?: unknown;
  readonly action?: string;
  readonly membersAdded?: readonly { readonly id: string }[];
  readonly membersRemoved?: readonly { readonly id: string }[];
}

/** Teams appends the thread to the conversation's id. */
export function conversationOf({ conversation }: TeamsActivity): Pick<Address, 'kind' | 'threadId'> & { id: string } {
  const [id = '', threadId] = conversation.id.split(';messageid=');
  return { id, kind: kindOf(id, conversation.conversationType), ...(threadId !== undefined && { threadId }) };
}

function kindOf(id: string, type: string | undefined): Address['kind'] {
  if (type === 'personal') return 'personal';
  return type === 'groupChat' || isGroupChat(id) ? 'group' : 'channel';
}

export function tenantOf(activity: TeamsActivity): string {
  return (activity.conversation.tenantId ?? activity.channelData?.tenant?.id ?? '').toLowerCase();
}

/** Where to answer: in the same thread, and to that person alone where nobody else saw the question. */
export function addressOfActivity(activity: TeamsActivity): Address {
  const { id, ...rest } = conversationOf(activity);
  const { recipient, from, serviceUrl, value } = activity;
  const question = privateQuestion(value) ?? (recipient.isTargeted === true ? (activity.id ?? '') : undefined);
  const isPrivate = question !== undefined && rest.kind !== 'personal';
  const only = isPrivate ? { onlyFor: { userId: from.id, question } } : {};
  return { ...rest, conversationId: id, tenantId: tenantOf(activity), serviceUrl, ...only };
}

/** The conversation as everybody in it knows it: nobody can reply in a thread that only one person sees. */
function knownToAll(activity: TeamsActivity): ReturnType<typeof conversationOf> {
  const { conversationId: id, kind, threadId } = inSightOfAll(addressOfActivity(activity));
  return { id, kind, ...(threadId !== undefined && { threadId }) };
}

/** Read once from its beginning to its end, however it is written: a pattern with the address in it would read it over and over. */
const spans = /<span\b([^<>]*)>[^<]*<\/span>/gi;
const isMention = (attributes: string): boolean => /schema\.skype\.com\/Mention/i.test(attributes);
/** More than anybody types, and as many as Teams takes; the rest of a message is not read. */
const longestText = 16_000;
const mostEntities = 200;
/** What opens the words of somebody else: of a message that is quoted or forwarded. */
const opensQuote = /<blockquote\b[^<>]*schema\.skype\.com\/(?:Reply|Forward)\b/i;

/** HTML of a message without the messages that it quotes or forwards, whatever these quote in turn. */
function withoutQuotes(html: string): string {
  let [own, from, depth] = ['', 0, 0];
  for (const { 0: tag, index } of html.matchAll(/<\/?blockquote\b[^<>]*>/gi)) {
    const opens = !tag.startsWith('</');
    if (depth === 0 && opens && opensQuote.test(tag)) {
      own += html.slice(from, index);
      depth = 1;
    } else if (depth > 0) {
      depth += opens ? 1 : -1;
      from = index + tag.length;
    }
  }
  return depth > 0 ? own : `${own} ${html.slice(from)}`;
}

/**
 * The words of the person who sent a message, still with Teams' markup (`cleanText` takes that away). A forwarded
 * message stands in `text` behind them as if they were theirs too, and nobody may give a command by being quoted: the
 * HTML beside it tells whose words are whose. What else Teams puts in has its text in an entity (`<at>goldbot</at>`).
 */
export function wordsOf({ text = '', entities = [], attachments = [] }: TeamsActivity): string {
  const html = attachments.map(htmlOf).find((content) => content !== undefined && opensQuote.test(content));
  if (html !== undefined) return withoutMentions(withoutQuotes(html)).slice(0, longestText);
  const placed = entities.slice(0, mostEntities).flatMap((entity) => (isRecord(entity) ? [entity['text']] : []));
  // Only what looks like markup: somebody may be called as a command is.
  const said = text.slice(0, longestText);
  return placed.reduce<string>((rest, put) => (isMarkup(put) ? rest.replaceAll(put, ' ') : rest), said);
}

const withoutMentions = (html: string): string =>
  html.replace(spans, (whole, attributes: string) => (isMention(attributes) ? ' ' : whole));

/** Whom the person's own words mention besides goldbot: by Teams' id, each once, in order. */
export function mentionedIn(activity: TeamsActivity): readonly { readonly id: string; readonly name: string }[] {
  const { entities = [], recipient, attachments = [] } = activity;
  const html = attachments.map(htmlOf).find((content) => content !== undefined && opensQuote.test(content));
  const own = html === undefined ? undefined : mentionsIn(withoutQuotes(html)).join(' ');
  const found = new Map<string, string>();
  for (const entity of entities.slice(0, mostEntities)) {
    const { mentioned, type } = isRecord(entity) ? entity : {};
    if (type !== 'mention' || !isRecord(mentioned)) continue;
    const { id, name } = mentioned;
    if (typeof id !== 'string' || typeof name !== 'string' || id === recipient.id) continue;
    if (html === undefined || own?.includes(`>${name}<`)) found.set(id, name);
  }
  return [...found].map(([id, name]) => ({ id, name }));
}

const mentionsIn = (html: string): readonly string[] =>
  [...html.matchAll(spans)].filter(([, attributes = '']) => isMention(attributes)).map(([whole]) => whole);

function htmlOf(attachment: unknown): string | undefined {
  if (!isRecord(attachment) || attachment['contentType'] !== 'text/html') return undefined;
  return typeof attachment['content'] === 'string' ? attachment['content'] : undefined;
}

function isMarkup(text: unknown): text is string {
  return typeof text === 'string' && /^<.+>$/s.test(text);
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
  /** Of a message. */
  readonly mentioned?: () => Promise<readonly MentionedPerson[]>;
}

export function turnOf(activity: TeamsActivity, { caller, name, intent, mentioned }: Known): Turn {
  const { locale } = activity;
  const timeZone = zoneIn(activity);
  return {
    person: caller,
    conversation: { ...knownToAll(activity), ...(name !== undefined && { name }) },
    intent,
    ...(mentioned && { mentioned }),
    ...(locale !== undefined && { locale }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

/** By which clock the person lives. Some activities say so only in what they tell of the client. */
function zoneIn({ localTimezone, entities = [] }: TeamsActivity): string | undefined {
  const client = entities.find((entity) => isRecord(entity) && entity['type'] === 'clientInfo');
  const zone = localTimezone ?? (isRecord(client) ? client['timezone'] : undefined);
  return typeof zone === 'string' ? zone : undefined;
}
