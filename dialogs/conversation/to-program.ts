import { inWords } from '../../cards';
import { call, line } from '../../core/command-call';
import { type ErrorCode, explain, isUserError, type UserError } from '../../core/errors';
import { type Outcome, parseRequestId, type RequestId, type Run, type RunKind } from '../../core/runs';
import { type Act, type Done, runText } from './act';
import type { Deps, VersionFacts } from './command';
import { withinTurn } from './in-time';
import { type Bug, bugLine, newBug } from './refusals';

/** What a program is told: words for whoever reads its log, and what it goes by. */
export interface ProgramAnswer {
  /** Whether what was asked is so, or was started. False for every refusal, and for a verdict that is not good. */
  readonly ok: boolean;
  /** Why not, when it was refused. */
  readonly code?: ErrorCode;
  /** Answer or refusal as plain text. */
  readonly text: string;
  /** Sentences that may come next. */
  readonly next: readonly string[];
  /** The run that was started or asked about, as it is now. */
  readonly run?: {
    readonly id: RequestId;
    readonly kind: RunKind;
    /** The image, or what else it is about. */
    readonly subject: string;
    /** What a publish builds, once it is planned. */
    readonly version?: string;
    readonly stage: string;
    /** What it has come to; null while that is open. */
    readonly outcome: Outcome | null;
  };
  /** The version that was asked for. */
  readonly version?: VersionFacts;
  readonly bug?: Bug;
}

export async function toldProgram(act: Act, deps: Deps, budgetMs: number): Promise<ProgramAnswer> {
  try {
    return await toProgram(await runText(act, withinTurn(deps, budgetMs).deps), deps);
  } catch (error) {
    if (isUserError(error)) return refusedToProgram(error);
    const bug = newBug(error);
    return { ok: false, code: 'INTERNAL', text: bugLine(bug), next: [], bug };
  }
}

function refusedToProgram(error: UserError): ProgramAnswer {
  const { code, next } = error;
  return { ok: false, code, text: explain(error), next: next.map(line) };
}

async function toProgram({ kind, command, answer }: Done, { reads }: Deps): Promise<ProgramAnswer> {
  const { text, topic, agree } = answer;
  // There is nobody to fill in a form.
  if (kind === 'form')
    return { ok: false, code: 'BAD_COMMAND', text: inWords(text), next: [line(call('help', { verb: command.verb }))] };
  const request = parseRequestId(topic?.split(':')[1] ?? '') ?? answer.outcome?.request;
  const run = request && ((await reads.run(request)) ?? (await reads.runOfApproval(request)));
  const isDone = command.effect === 'read' || topic !== undefined;
  const { yes = isDone, version } = answer.outcome ?? {};
  const next = agree ? [line(agree)] : [];
  return { ok: yes, text: inWords(text), next, ...(version && { version }), ...(run && { run: runOfProgram(run) }) };
}

function runOfProgram(run: Run): NonNullable<ProgramAnswer['run']> {
  const { id, kind, subject, stage } = run;
  if (run.kind !== 'publish') return { id, kind, subject, stage, outcome: run.outcome };
  const { outcome, data, plan } = run;
  const ended = outcome ?? data.ending?.outcome ?? (data.publishedAt === undefined ? null : 'published');
  const { version } = plan.fixed ?? {};
  return { id, kind, subject, stage, outcome: ended, ...(version !== undefined && { version }) };
}
