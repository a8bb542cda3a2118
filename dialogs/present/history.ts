import { moment } from '../../cards';
import type { AuditAction } from '../../core/audit';
import type { RequestId } from '../../core/runs';
import type { AuditEntry } from '../../store/reads';

/** What happened to a request and to those of the same run before it, from the audit: a line each, oldest first. */

/** The newest that a card shows. */
export const mostHistory = 12;

type Detail = AuditEntry['detail'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const part = (detail: Detail, name: string): Readonly<Record<string, unknown>> =>
  (detail[name] ?? {}) as Readonly<Record<string, unknown>>;

/** Who was asked first: with a rule of several groups, the first of them. */
function askedWords(detail: Detail): string {
  const rule = part(detail, 'rule');
  const [first] = (rule['first'] ?? []) as readonly { readonly groupName?: string }[];
  return `asked ${first?.groupName ?? text(rule['groupName'])} in ${text(detail['channel'])}`;
}

function decidedWords({ who, detail }: AuditEntry, verdict: 'approved' | 'rejected'): string {
  const place = part(detail, 'inPlaceOf')['name'];
  const reason = text(detail['reason']);
  return [
    `${who.name} ${verdict}`,
    place === undefined ? '' : ` on behalf of ${text(place)}`,
    detail['group'] === undefined ? '' : ` for ${text(detail['group'])}`,
    reason === '' ? '' : `: “${reason}”`,
  ].join('');
}

const voidWhy: Readonly<Record<string, string>> = {
  changed: 'what was asked about was changed',
  outlived: 'its approval was older than it was open',
  base: 'its base was withdrawn, or ended',
  unbound: 'it was not bound to what was tested',
};

function voidWords({ detail }: AuditEntry): string {
  const by = text(detail['by']);
  const why = text(detail['why']);
  if (voidWhy[why] !== undefined) return `void: ${voidWhy[why]}`;
  return by === 'goldbot' || by === '' ? 'void: its run went on without it' : `closed when ${by} cancelled the run`;
}

const untilOf = ({ until }: Detail): string => moment(new Date(text(until)));

const words: Readonly<Partial<Record<AuditAction, (entry: AuditEntry) => string>>> = {
  ask: ({ detail }) => askedWords(detail),
  'ask-next': ({ detail }) => {
    const until = detail['expiresAt'] === undefined ? '' : `, until ${moment(new Date(text(detail['expiresAt'])))}`;
    return `asked ${text(part(detail, 'group')['groupName'])} in ${text(detail['channel'])}${until}`;
  },
  remind: ({ detail }) => (detail['times'] === 1 ? 'reminded' : `reminded again (${String(detail['times'])})`),
  escalate: ({ detail }) => `put to ${text(part(detail, 'escalation')['groupName'])} as well`,
  approve: (entry) => decidedWords(entry, 'approved'),
  reject: (entry) => decidedWords(entry, 'rejected'),
  delegate: ({ who, detail }) =>
    `${who.name} lets ${text(part(detail, 'to')['name'])} decide on their behalf until ${untilOf(detail)}`,
  undelegate: ({ who, detail }) =>
    `${text(part(part(detail, 'before'), 'to')['name'])} does not decide on behalf of ${who.name} any more`,
  'drop-decision': ({ who, detail }) =>
    `what ${text(detail['person']) || who.name} decided does not count any more: ${text(detail['why'])}`,
  withdraw: ({ who }) => `${who.name} withdrew it`,
  expire: () => 'not decided in time',
  void: voidWords,
};

/** Actions of the audit that are a part of it. */
export const historyActions = Object.keys(words) as readonly AuditAction[];

/** `entries`: of the run, newest first. One thing alone is no history: nothing is said then. */
export function historyLines(entries: readonly AuditEntry[], id: RequestId): readonly string[] {
  const shown = entries.slice(0, mostHistory).reverse();
  if (shown.length < 2) return [];
  const lines = shown.map((entry) => lineOf(entry, id));
  return [...(entries.length > mostHistory ? ['The audit has what came before.'] : []), ...lines];
}

/** Of requests that share a card: that they were asked, which is told by the card itself, is no part of it. */
export const sharedActions = historyActions.filter((action) => action !== 'ask');

/** A line each, oldest first, with the image. `entries`: of their runs, newest first. */
export function sharedHistory(
  entries: readonly AuditEntry[],
  requests: readonly { readonly id: RequestId; readonly runId: RequestId; readonly image: string }[],
): readonly string[] {
  const lines = entries.slice(0, mostHistory).map((entry) => {
    const own = requests.find(({ runId }) => runId === entry.runId);
    return lineOf(entry, own?.id, own && `${own.image}: `);
  });
  return [...(entries.length > mostHistory ? ['The audit has what came before.'] : []), ...lines.reverse()];
}

function lineOf(entry: AuditEntry, id: RequestId | undefined, about = ''): string {
  const other = entry.request === id || entry.request === null ? '' : `${entry.request} `;
  return `${moment(entry.at)}: ${about}${other}${words[entry.action as AuditAction]?.(entry) ?? entry.action}`;
}

/** The same for a card, which says nothing where there is none. */
export function historyOf(
  entries: readonly AuditEntry[] | undefined,
  id: RequestId,
): { readonly history?: readonly string[] } {
  const history = historyLines(entries ?? [], id);
  return history.length > 0 ? { history } : {};
}
