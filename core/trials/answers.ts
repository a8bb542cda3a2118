import type { TrialExchange } from './place';
import { type TrialId, type TrialsData, trialIds, trialOf, untried, type Verdict } from './trials';

/** The answers as a file that somebody may attach to an issue: nothing in it says whose Azure it was. */

/** A run of trials, as far as the file tells of it. */
export interface TrialsRun {
  readonly id: string;
  readonly endedAt: Date | null;
  /** Azure's cloud: `Public`. */
  readonly cloud: string;
  readonly goldbot: string;
  readonly data: TrialsData;
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
    answers: answersOf(run.data),
    notTried: untried,
  };
  return format === 'json' ? `${JSON.stringify(about, null, 2)}\n` : page(about);
}

function answersOf({ answers = {}, over }: TrialsData): readonly Answered[] {
  return trialIds.map((id) => {
    const { question, from, does, meanwhile } = trialOf(id);
    const found = answers[id];
    const said = found?.said ?? (over === undefined ? 'It was not tried.' : `It was not tried: ${over}`);
    const base = { id, question, from, does, verdict: found?.verdict ?? 'not answered', answer: said } as const;
    return { ...base, ...(found && { at: found.at }), ...(found?.exchange && { request: found.exchange }), meanwhile };
  });
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
  const head = `goldbot ${goldbot} · Azure ${cloud}, ${region} · ${run}, ended ${endedAt ?? 'not yet'}`;
  const blocks = answers.map((one) => [`## ${one.question}`, '', `**${one.answer}**`, '', ...detail(one)].join('\n'));
  const left = ['## Not tried', '', ...notTried.map((words) => `- ${words}`)].join('\n');
  return `${['# What goldbot tried', head, ...blocks, left].join('\n\n')}\n`;
}

function detail({ does, from, meanwhile, request, at }: Answered): readonly string[] {
  const lines = [`- Tried: ${does}`, `- Open because: ${from}.`, `- Until it is known: ${meanwhile}`];
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
