import { type CommandCall, call, line, type Values } from '../../core/command-call';
import type { MachineType, ServiceModel } from '../../core/compliance';
import { clip } from './format';

/** A click that runs a command. On the wire it is the call's verb and values, with the hash beside them. */
export interface Button {
  readonly title: string;
  /** As a sentence, it is also at the foot of the card and in its text. */
  readonly call: CommandCall;
  /** Of the plan that the card shows, for commands that act on a plan. */
  readonly hash?: string;
  readonly style?: 'positive' | 'destructive';
  /** True when the inputs of the card go with the click. */
  readonly takesInputs?: boolean;
  /** Shows its form before anything is done, be something missing or not. */
  readonly asksFirst?: true;
}

/** A page outside of Teams. In words it is `Azure Policy: https://…`. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

/** A resource in Azure's portal; `what`: where the page is of something else than the card is about. */
export function portalLinks(url: string | undefined, what = ''): readonly Link[] {
  return url === undefined ? [] : [{ title: `Open ${what === '' ? '' : `${what} `}in Azure portal`, url }];
}

/** With its place: in sight, or behind the three dots. */
export type Placed<T> = T & { readonly mode: 'primary' | 'secondary' };

/** Buttons in sight: more would be looked through before one is pressed. */
const maxPrimary = 3;

/** What only shows something. Everything else changes goldbot or Azure and is never hidden behind what does not. A test compares it with what the commands say of themselves. */
export const reading: ReadonlySet<string> = new Set([
  'access',
  'approvals',
  'audit',
  'compliance',
  'cost',
  'diff',
  'doctor',
  'drift',
  'forecast',
  'help',
  'images',
  'latest',
  'lineage',
  'logs',
  'parity',
  'runs',
  'show',
  'status',
  'tattoo',
  'triggers',
  'verify',
  'versions',
  'who has',
  'who uses',
  'whoami',
]);

/** A longer button is cut off on a phone. */
const maxTitleLength = 32;
/** What is cut holds somebody's name, which may be of wider letters than goldbot's own words. */
const cutTitleLength = 28;

/** A title as phones show it whole. */
export function shortTitle(title: string): string {
  return [...title].length > maxTitleLength ? clip(title, cutTitleLength) : title;
}

/** Whether it asks for a decision. */
export function isAsking({ style }: Button): boolean {
  return style === 'positive';
}

/**
 * On a card that asks for a decision, what decides comes first and what only shows something stands behind the three
 * dots; on any other card they stay as they are, those beyond the third behind the dots.
 */
export function inOrder(
  buttons: readonly Button[],
  links: readonly Link[] = [],
): { readonly buttons: readonly Placed<Button>[]; readonly links: readonly Placed<Link>[] } {
  const asks = buttons.some(isAsking);
  const isRead = ({ call: { verb } }: Button) => reading.has(verb);
  const ordered = asks ? [...buttons.filter((b) => !isRead(b)), ...buttons.filter(isRead)] : buttons;
  const modeOf = (i: number, isAside: boolean) => (i < maxPrimary && !isAside ? 'primary' : 'secondary');
  return {
    buttons: ordered.map((button, i) => ({ ...button, mode: modeOf(i, asks && isRead(button)) })),
    links: links.map((link, i) => ({ ...link, mode: modeOf(ordered.length + i, asks) })),
  };
}

/** What a click sends back, and the sentence that does the same. */
export interface Wire {
  readonly verb: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

/** By this in its data Teams knows a button that opens a dialog. */
const opensDialog = { type: 'task/fetch' };

/**
 * What lacks something that its card does not ask for opens a dialog that does, which the person who pressed sees alone.
 * What acts on a plan is decided on the card that shows it.
 */
export function wire({ call: given, hash, takesInputs, asksFirst }: Omit<Button, 'title' | 'style'>): Wire {
  const { verb, values, blanks = [] } = given;
  const sentence = line(given);
  if (hash !== undefined) return { verb, data: { ...values, hash }, sentence };
  if (!asksFirst && (blanks.length === 0 || takesInputs)) return { verb, data: values, sentence };
  return { verb, data: { msteams: opensDialog, verb, values }, sentence };
}

/** Which machines of a team: the options of `compliance … --list`. */
export interface Rows {
  readonly state?: 'compliant' | 'not-compliant' | 'not-evaluated' | 'exempt' | 'conflict' | 'unknown' | 'error';
  readonly image?: string;
  readonly version?: string;
  readonly class?: ServiceModel | 'undecided';
  readonly guest?: 'not-compliant';
  readonly type?: MachineType;
  /** `behind`: by one version or more, be its life over or not. */
  readonly lineage?: 'latest' | 'behind' | 'one-behind' | 'far-behind' | 'past-end' | 'not-golden' | 'unknown';
}

/** The team name that stands for the machines of no team. */
const orphans = 'orphans';

/** The rows behind a number. */
export function listCall(team: string | null, rows: Rows = {}): CommandCall {
  const given = Object.entries(rows).filter(([, value]) => value !== undefined);
  return call('compliance', { team: team ?? orphans, list: true, ...(Object.fromEntries(given) as Values) });
}

export function listButton(title: string, team: string | null, rows: Rows = {}): Button {
  return { title, call: listCall(team, rows) };
}

export function complianceCall(team: string | null, values: Values = {}): CommandCall {
  return call('compliance', { team: team ?? orphans, ...values });
}

export function complianceButton(team: string | null, title = 'Show compliance'): Button {
  return { title, call: complianceCall(team) };
}

export function whyButton(machine: string, title = 'Why'): Button {
  return { title, call: call('compliance', { why: machine }) };
}

export function insideButton(image: string, version: string): Button {
  return { title: 'What is inside', call: call('show', { ref: `${image}@${version}`, sbom: true }) };
}

export function whoUsesButton(ref: string, title: string): Button {
  return { title, call: call('who uses', { ref }) };
}

export function rescanButton(team: string | null): Button {
  return { title: 'Rescan', call: call('rescan', { team: team ?? orphans }) };
}

export function statusButton(request: string, title = `Show ${request}`): Button {
  return { title, call: call('status', { request }) };
}

export function logsButton(request: string, title = 'Show log'): Button {
  return { title, call: call('logs', { request }) };
}

export function versionsButton(image: string): Button {
  return { title: `Versions of ${image}`, call: call('versions', { image }) };
}

/** For the person who presses it, in their own chat. */
export function subscribeButton(image: string): Button {
  return { title: 'Tell me', call: call('subscribe', { image, me: true }) };
}

export function showButton(image: string, version: string): Button {
  return { title: `Show ${version}`, call: call('show', { ref: `${image}@${version}` }) };
}

export function diffButton(image: string, from: string, to: string): Button {
  return { title: `Diff to ${from}`, call: call('diff', { image, from, to }) };
}

export function publishButton(image: string, title = 'Publish next'): Button {
  return { title, call: call('publish', { image }) };
}

/** The two that decide about an approval request. What a decision needs beside the click is asked for after it. */
export function decideButtons(request: string, hash: string): readonly Button[] {
  return [
    { title: 'Approve', call: call('approve', { request }), hash, style: 'positive' },
    { title: 'Reject', call: call('reject', { request }, 'reason'), hash, style: 'destructive' },
  ];
}

/** Closes broken glass; `hash`: of the run's plan, which the card shows. Without the field of a card it asks by a form. */
export function reviewButton(request: string, hash: string | null): Button {
  return { title: 'Review', call: call('review', { request }, 'reason'), ...(hash !== null && { hash }) };
}

/** Approves what stands on one card; `seal`: what these requests are bound to. */
export function togetherButton(requests: readonly string[], seal: string): Button {
  return {
    title: `Approve all ${requests.length}`,
    call: call('approve-all', { requests: requests.join(',') }),
    hash: seal,
    style: 'positive',
  };
}

/** `policy`: the word that means this one alone among those of the machine. */
export function remediateButton(machine: string, policy: string): Button {
  return { title: 'Remediate', call: call('remediate', { machine, policy }) };
}

export function exemptButton(machine: string, policy: string): Button {
  return { title: 'Exempt', call: call('exempt', { machine, policy }, 'until', 'reason') };
}

/** `row`: the word for a row of the team's digest. */
export function snoozeButton(team: string, row: string): Button {
  return { title: 'Snooze', call: call('snooze', { row, team }, 'until', 'reason') };
}

export function unsnoozeButton(team: string, row: string, title = 'Unsnooze'): Button {
  return { title, call: call('unsnooze', { row, team }) };
}

/** Of an image, for a team. */
export function deferButton({ image, team }: { readonly image: string; readonly team: string }): Button {
  return { title: 'Defer', call: call('defer', { image, team }, 'until', 'reason') };
}

export function undeferButton(
  { image, team }: { readonly image: string; readonly team: string },
  title = 'Take back',
): Button {
  return { title, call: call('undefer', { image, team }) };
}

/** Shows whose machines would come to the latest version; asks nobody yet. */
export function rolloutButton(image: string, team: string): Button {
  return { title: 'Roll out', call: call('rollout', { image, team }) };
}

/** When the owners of a machine replace it. */
export function appointButton(machine: string, title = 'Appoint'): Button {
  return { title, call: call('appoint', { machine }, 'at') };
}

export function unappointButton(machine: string, title = 'Withdraw'): Button {
  return { title, call: call('unappoint', { machine }) };
}

export function classifyButton(machine: string, model: ServiceModel): Button {
  return { title: `Classify as ${model}`, call: call('classify', { machine, model }, 'reason') };
}
