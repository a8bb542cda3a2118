import { z } from 'zod';
import { call, line, sentenceOf } from '../core/command-call';
import { type ErrorCode, UserError } from '../core/errors';
import { minutes, type Sleep, seconds } from '../core/time';

/**
 * What the command `goldbot` does in a pipeline: one question, one answer, and with `--wait` the end of the run that it
 * began. 0: it is so, or was done; 1: it is not, or failed; 2: the command is wrong; 3: not allowed; 4: no answer in time.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

const answerSchema = z.looseObject({
  ok: z.boolean(),
  code: z.string().optional(),
  text: z.string(),
  run: z
    .looseObject({ id: z.string(), subject: z.string(), stage: z.string(), outcome: z.string().nullable() })
    .optional(),
});
type ProgramAnswer = z.output<typeof answerSchema>;

export interface Question {
  /** Words as the shell hands them over; a sentence in one word is taken as it is. */
  readonly words: readonly string[];
  readonly wait: boolean;
  /** Machine time that `wait` takes at most, in milliseconds. */
  readonly timeoutMs: number;
  readonly json: boolean;
}

export interface Outside {
  /** Where goldbot is: `https://goldbot.contoso.com`. */
  readonly url: string;
  token(): Promise<string>;
  readonly fetch: typeof fetch;
  readonly sleep: Sleep;
  /** Machine time. */
  now(): number;
  /** Made up once for a question: however often it is sent, what it starts is started once. */
  readonly key: string;
  /** How a wait goes on, a line each; not the answer. */
  tell(line: string): void;
}

/** What is printed, and how the command ends. */
export interface Asked {
  readonly text: string;
  readonly exitCode: ExitCode;
}

const answerMs = seconds(75);
const lookMs = seconds(10);
const mostTries = 4;
const longestPauseMs = seconds(30);

/** @throws what the credential throws; everything else is an answer. */
export async function askGoldbot(question: Question, outside: Outside): Promise<Asked> {
  const text = sentenceOf(question.words);
  const { answer: first, instead } = await told(() => send(text, outside.key, outside), question);
  if (!first) return instead;
  const { run } = first;
  if (!question.wait || !first.ok || !run || run.outcome !== null) return shown(first, question, exitCodeOf(first));
  return untilOver(first, { question, outside });
}

interface Waiting {
  readonly question: Question;
  readonly outside: Outside;
}

/** Silence is no end: goldbot goes on with the run, and is asked again until the time is over. */
async function untilOver(begun: ProgramAnswer, { question, outside }: Waiting): Promise<Asked> {
  const { id = '' } = begun.run ?? {};
  const until = outside.now() + question.timeoutMs;
  const status = line(call('status', { request: id }));
  let last = begun;
  for (let look = 1; outside.now() < until; look++) {
    await outside.sleep(Math.min(lookMs, Math.max(until - outside.now(), 0)));
    const { answer, instead } = await told(() => send(status, `${outside.key}-${look}`, outside), question);
    if (!answer) {
      if (instead.exitCode !== 4) return instead;
      outside.tell(instead.text);
      continue;
    }
    if (answer.run?.stage !== last.run?.stage) outside.tell(`${id}: ${answer.run?.stage ?? 'over'}`);
    last = answer;
    if (answer.run?.outcome) return shown(answer, question, exitCodeOf(answer));
  }
  const stage = last.run?.stage ?? 'unknown';
  const waited = Math.round(question.timeoutMs / minutes(1));
  outside.tell(`${id} is still at “${stage}” after ${waited} minutes. It goes on: ask later with “${status}”.`);
  return shown(last, question, 4);
}

type Told =
  | { readonly answer: ProgramAnswer; readonly instead?: undefined }
  | { readonly answer?: undefined; readonly instead: Asked };

/** What is told in its place when there is no answer: refused at the door, or silence. */
async function told(ask: () => Promise<ProgramAnswer>, { json }: Question): Promise<Told> {
  try {
    return { answer: await ask() };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const { message, exitCode } = error;
    return { instead: { exitCode, text: json ? asJson({ ok: false, text: message }) : plain(message) } };
  }
}

/** No answer in goldbot's own words. */
class Unanswered extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
    /** Whether the same may be asked again; undefined: no. */
    readonly againMs?: number,
  ) {
    super(message);
  }
}

/** Sent again under the same key when there was no answer: what it starts is started once. */
async function send(text: string, key: string, outside: Outside): Promise<ProgramAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(text, key, outside);
    } catch (error) {
      const again = error instanceof Unanswered ? error.againMs : undefined;
      if (again === undefined || attempt >= mostTries) throw error;
      await outside.sleep(Math.min(Math.max(again, seconds(1) * 2 ** attempt), longestPauseMs));
    }
  }
}

async function sendOnce(text: string, key: string, { url, token, fetch: request }: Outside): Promise<ProgramAnswer> {
  const authorization = `Bearer ${await token()}`;
  const response = await request(`${url.replace(/\/+$/, '')}/api/ask`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ text }),
    // The token is for this address alone.
    redirect: 'error',
    signal: AbortSignal.timeout(answerMs),
  }).catch((cause: Error) => {
    throw new Unanswered(`goldbot at ${url} does not answer: ${reasonOf(cause)}.`, 4, 0);
  });
  const body: unknown = await response.json().catch(() => undefined);
  const answer = answerSchema.safeParse(body);
  if (response.status === 200 && answer.success) return answer.data;
  throw refusedAtTheDoor(response, url);
}

function reasonOf({ cause, message }: Error): string {
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function refusedAtTheDoor({ status, headers }: Response, url: string): Unanswered {
  if (status === 401) {
    return new Unanswered(
      'goldbot does not take the token: it has to be of version 2.0, for the audience of programs.yaml, with idtyp.',
      3,
    );
  }
  if (status === 403) {
    return new Unanswered('goldbot does not let this application in: programs.yaml does not list it.', 3);
  }
  if (status === 400 || status === 413) return new Unanswered('goldbot cannot read the sentence: it is too long.', 2);
  const again = status === 429 || status >= 500 ? Number(headers.get('retry-after') ?? 0) * 1_000 : undefined;
  return new Unanswered(`goldbot at ${url} answered ${status}, and nothing that is an answer.`, 4, again);
}

/** By what a pipeline does next; a code without a row is a plain no. */
const exitCodes: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  UNKNOWN_COMMAND: 2,
  NOT_IN_THIS_VERSION: 2,
  BAD_COMMAND: 2,
  UNKNOWN_IMAGE: 2,
  REASON_NEEDED: 2,
  WRONG_ROLE: 3,
  WRONG_TENANT: 3,
  WRONG_PLACE: 3,
  PEOPLE_ONLY: 3,
  APPROVAL_OWN: 3,
  APPROVAL_NOT_YOURS: 3,
  DIRECTORY_SILENT: 4,
  AZ_THROTTLED: 4,
  AZ_UNAVAILABLE: 4,
  AZ_SILENT: 4,
  DATABASE_SILENT: 4,
  DATABASE_REFUSED: 4,
  INTERNAL: 4,
};

function exitCodeOf({ ok, code, run }: ProgramAnswer): ExitCode {
  if (!ok) return (code !== undefined && exitCodes[code as ErrorCode]) || 1;
  return run?.outcome && run.outcome !== 'published' && run.outcome !== 'done' ? 1 : 0;
}

function shown(answer: ProgramAnswer, { json }: Question, exitCode: ExitCode): Asked {
  return { exitCode, text: json ? asJson(answer) : plain(answer.text) };
}

/** The logs of GitHub and Azure DevOps take some lines for orders: no text of somebody's becomes one. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal takes them for orders
  const quiet = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
  return quiet.replace(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##', '# #');
}

function asJson(answer: object): string {
  return JSON.stringify(answer).replaceAll('##', '\\u0023#');
}

/**
 * What was typed behind `goldbot`. Its own options may stand anywhere: no command has one of their names. All other words
 * are the sentence.
 *
 * @throws UserError `BAD_COMMAND`
 */
export function questionIn(given: readonly string[]): Question {
  const flags = { wait: false, json: false, timeout: '60' };
  const words: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? '';
    if (word === '--wait') flags.wait = true;
    else if (word === '--json') flags.json = true;
    else if (word === '--timeout') flags.timeout = given[++at] ?? '';
    else words.push(word);
  }
  return questionOf(words, flags);
}

/** @throws UserError `BAD_COMMAND` */
export function questionOf(
  words: readonly string[],
  flags: { wait: boolean; json: boolean; timeout: string },
): Question {
  if (words.length === 0) {
    throw new UserError('BAD_COMMAND', 'There is no question.', { hint: 'Ask one: goldbot latest ubuntu-22' });
  }
  const { wait, json, timeout } = flags;
  if (!/^\d{1,5}$/.test(timeout) || Number(timeout) === 0) {
    throw new UserError('BAD_COMMAND', `--timeout ${timeout.slice(0, 20)} is not a number of minutes.`, {
      hint: 'Write a whole number from 1: --timeout 60',
    });
  }
  return { words, wait, json, timeoutMs: minutes(Number(timeout)) };
}
