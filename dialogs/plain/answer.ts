import { approvalsCard, nothingWaits, type Offered, offerCard, statusButton } from '../../cards';
import { findImage } from '../../core/catalogue';
import { type CommandCall, call, line, type Values, type Verb } from '../../core/command-call';
import { parseRequestId } from '../../core/runs';
import { type Waiting, waitingFor } from '../commands';
import { type Answer, type CommandContext, type Deps, findCommand, runOf, seesRun } from '../conversation';

/** One write, or several meanings: buttons, each with its exact command. `about`: what the one is about, or corrects. */
export async function offer(
  calls: readonly CommandCall[],
  ctx: CommandContext,
  deps: Deps,
  about?: string,
): Promise<Answer> {
  const choices = await Promise.all(calls.slice(0, 3).map((one) => offered(one, ctx, deps)));
  const [only] = choices.length === 1 ? choices : [];
  const request = only && !only.see && parseRequestId(String(only.call.values['request'] ?? ''));
  return offerCard({
    choices,
    ...(about !== undefined && { about }),
    ...(only && !only.see && lacksReason(only.call, ctx) && { asksReason: true }),
    ...(request && { look: statusButton(request) }),
  });
}

/**
 * A button that acts on a plan carries the hash of the plan that is there now, as its card does. What decides on a plan is
 * pressed on the card that shows it alone: that card is offered.
 *
 * @throws UserError `UNKNOWN_REQUEST`
 */
async function offered(meant: CommandCall, { commands }: CommandContext, { reads }: Deps): Promise<Offered> {
  const request = parseRequestId(String(meant.values['request'] ?? ''));
  const bound = findCommand(commands, meant.verb)?.hash;
  if (!request || bound === undefined) return { call: meant };
  if (bound === 'always') return { call: meant, see: statusButton(request) };
  const { planHash } = await runOf(request, reads);
  return { call: meant, ...(planHash !== null && { hash: planHash }) };
}

function lacksReason({ verb, values }: CommandCall, { commands }: CommandContext): boolean {
  const reason = findCommand(commands, verb)?.args.find(({ name }) => name === 'reason');
  return values['request'] !== undefined && reason?.required === true && values['reason'] === undefined;
}

/** A decision or the like about a request that nobody named: the one that it can be, or those among which to choose. */
export async function whichRequest(
  { verb, values }: { readonly verb: Verb; readonly values: Values },
  ctx: CommandContext,
  deps: Deps,
): Promise<Answer> {
  const { image, ...given } = values;
  const decides = verb === 'approve' || verb === 'reject';
  const waiting = decides || verb === 'withdraw' ? await ownRequests(verb, ctx, deps) : [];
  const all = waiting.length > 0 ? waiting.map(ofRequest) : decides ? [] : await openRuns(verb, ctx, deps);
  const fitting = all.filter((one) => image === undefined || one.image === image);
  const [only] = fitting;
  if (!only) return nothingWaits(verb);
  if (decides && fitting.length > 3) {
    const rows = waiting.map(({ row }) => row);
    return approvalsCard({ approvals: rows, total: rows.length, asOf: ctx.now });
  }
  const calls = fitting.map(({ request }) => call(verb, { ...given, request }));
  return offer(calls, ctx, deps, fitting.length === 1 ? only.about : eachAbout(verb, fitting.slice(0, 3)));
}

/** Each sentence with what it is about: the buttons lead to cards, and a screen reader has nothing but these. */
function eachAbout(verb: Verb, candidates: readonly Candidate[]): string {
  return candidates.map(({ request, about }) => `“${line(call(verb, { request }))}”: ${about}`).join(' ');
}

interface Candidate {
  readonly request: string;
  readonly image: string;
  readonly about: string;
}

function ofRequest({ row: { id, image, version, askedBy } }: Waiting): Candidate {
  const what = `${image} ${version}`.trimEnd();
  return { request: id, image, about: `${id} is ${what}, requested by ${askedBy}.` };
}

/** What the person may decide, or has asked for: of several what the thread is about, else what is asked for in the channel. */
async function ownRequests(verb: Verb, ctx: CommandContext, deps: Deps): Promise<readonly Waiting[]> {
  const { id, threadId } = ctx.conversation;
  const isOwn = ({ row }: Waiting) => (verb === 'withdraw' ? row.whyNot === 'you requested it' : row.yours);
  const own = (await waitingFor(ctx, deps)).filter(isOwn);
  if (own.length < 2) return own;
  const asked = own.filter(({ row }) => isAskedIn(ctx.conversation, row.image, deps));
  const inChannel = asked.length > 0 ? asked : own;
  if (threadId === undefined) return inChannel;
  const topics = new Set((await deps.reads.topicsIn(id, threadId)).map((topic) => topic.split(':')[1]));
  const here = own.filter(({ row }) => topics.has(row.id) || topics.has(row.runId));
  return here.length > 0 ? here : inChannel;
}

/** Whether this is the channel in which requests of an image wait. */
function isAskedIn({ id, name }: CommandContext['conversation'], image: string, { catalogue }: Deps): boolean {
  const places = findImage(catalogue(), image)?.approval;
  const all = [places?.channel, ...(places?.first ?? []).map(({ channel }) => channel)];
  return all.some((one) => one !== undefined && (one === id || one === name));
}

async function openRuns(verb: Verb, ctx: CommandContext, { reads }: Deps): Promise<readonly Candidate[]> {
  const all = await reads.openPublishes();
  const open = all.filter((run) => seesRun(ctx, run) && (verb !== 'rebuild' || run.stage === 'repair'));
  return open.map(({ id, subject, stage }) => ({
    request: id,
    image: subject,
    about: `${id} is ${subject}, at ${stage}.`,
  }));
}
