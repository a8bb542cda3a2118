import type { GalleryRef } from '../azure';
import type { TrialExchange } from './place';
import { type TrialId, type TrialsData, trialIds, trialOf, untried, type Verdict } from './trials';

/** The answers as a file that somebody may attach to an issue: nothing in it says whose Azure it was. */

/** A run of trials, as far as the file tells of it. */
export interface TrialsRun {
  readonly id: string;
  readonly endedAt: Date | null;
  /** Azure's cloud: `Public`; `sandbox` for goldbot's own, whose answers tell nobody anything about Azure. */
  readonly cloud: string;
  readonly goldbot: string;
  readonly data: TrialsData;
  /** What it was made with, so that no text names it. */
  readonly plan: Whose;
}

/** Whose Azure and Teams it was. */
interface Whose {
  readonly gallery: GalleryRef;
  readonly mention?: { readonly channel: string; readonly name: string };
}

interface Answered {
  readonly id: TrialId;
  readonly question: string;
  readonly from: string;
  readonly does: string;
  readonly verdict: Verdict;
  readonly answer: string;
  readonly at?: string;
  readonly request?: TrialExchange;
  readonly meanwhile: string;
}

/** `json`, or a page of Markdown. */
export function answersFile(run: TrialsRun, format: 'json' | 'md'): string {
  const about = {
    goldbot: run.goldbot,
    cloud: run.cloud,
    region: run.data.region ?? 'a region that nobody came to know',
    run: run.id,
    endedAt: run.endedAt?.toISOString() ?? null,
    answers: answersOf(run),
    notTried: untried,
  };
  return format === 'json' ? `${JSON.stringify(about, null, 2)}\n` : page(about);
}

function answersOf({ data: { answers = {}, over }, plan }: TrialsRun): readonly Answered[] {
  return trialIds.map((id) => {
    const { question, from, does, meanwhile } = trialOf(id);
    const found = answers[id];
    const said = found?.said ?? (over === undefined ? 'It was not tried.' : `It was not tried: ${over}`);
    const answer = unnamed(said, plan);
    const base = { id, question, from, does, verdict: found?.verdict ?? 'not answered', answer } as const;
    const request = found?.exchange && exchangeOf(found.exchange, plan);
    return { ...base, ...(found && { at: found.at }), ...(request && { request }), meanwhile };
  });
}

function exchangeOf({ message, ...rest }: TrialExchange, plan: Whose): TrialExchange {
  return { ...rest, ...(message !== undefined && { message: unnamed(message, plan) }) };
}

/** Words of Azure's or of goldbot's, without what tells whose they were said to: no resource, no place, nobody. */
function unnamed(words: string, { gallery, mention }: Whose): string {
  const names: readonly (readonly [string | undefined, string])[] = [
    [mention?.channel, '<channel>'],
    [mention?.name, '<person>'],
    [gallery.resourceGroup, '<group>'],
    [gallery.gallery, '<gallery>'],
  ];
  const withoutIds = words
    .replace(/\/(?:subscriptions|providers\/Microsoft\.Management)\/[^\s'"“”’,;)]*[^\s'"“”’,;).:]/gi, '<resource>')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<id>');
  return names.reduce((text, [name, sign]) => (name ? text.replace(wordOf(name), sign) : text), withoutIds);
}

/** A name by itself: `gold`, and not the first half of `goldbot`. */
function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_.<-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_-])`, 'giu');
}

interface About {
  readonly goldbot: string;
  readonly cloud: string;
  readonly region: string;
  readonly run: string;
  readonly endedAt: string | null;
  readonly answers: readonly Answered[];
  readonly notTried: readonly string[];
}

function page({ goldbot, cloud, region, run, endedAt, answers, notTried }: About): string {
  const head = `goldbot ${goldbot} · ${cloud === 'sandbox' ? 'goldbot’s sandbox, not Azure' : `Azure ${cloud}`}, ${region} · ${run}, ended ${endedAt ?? 'not yet'}`;
  const blocks = answers.map((one) => [`## ${one.question}`, '', `**${one.answer}**`, '', ...detail(one)].join('\n'));
  const left = ['## Not tried', '', ...notTried.map((words) => `- ${words}`)].join('\n');
  return `${['# What goldbot tried', head, ...blocks, left].join('\n\n')}\n`;
}

function detail({ does, from, meanwhile, request, at }: Answered): readonly string[] {
  const lines = [`- How: ${does}`, `- Open because: ${from}.`, `- Until it is known: ${meanwhile}`];
  if (at !== undefined) lines.push(`- Answered: ${at}`);
  if (!request) return lines;
  const { method, path, apiVersion, client, body, status, requestId } = request;
  const sent = ['', '```json', JSON.stringify(body, null, 2), '```'];
  return [
    ...lines,
    `- Request: \`${method} ${path}?api-version=${apiVersion}\` by ${client}; ${status}, Azure’s id ${requestId ?? 'not told'}`,
    ...sent,
  ];
}
