import { noticeCard, type Reply, statusButton } from '../../cards';
import type { Mentions } from '../../core/mentions';
import { holdSentence, type Lock, lockSentence, type Override, type PublishRun } from '../../core/runs';
import { leadingToRun, mentions } from './mentioned';
import { type Holdable, overrideOf, secondView } from './seconds';
import { ruleOf, type Standing } from './standing';

/** What holds a run, and what people do about it, in sentences and buttons. */

/** What is waited for, with whom to ask; empty unless the run is held. */
export function heldWords(run: Holdable): readonly string[] {
  const { held, override } = run.data;
  if (run.stage !== 'hold' || run.outcome || !held) return [];
  const locks = held.holds.filter(({ kind }) => kind === 'lock');
  const isFrozen = locks.length < held.holds.length;
  return [
    ...held.holds.map(holdSentence),
    ...locks.map(({ by }) => `It goes on when ${by} or an admin unlocks ${run.subject}.`),
    ...(isFrozen ? [override && !override.confirmed ? askedWords(override) : onwards] : []),
  ];
}

const onwards = 'It goes on by itself once the window is over. An override takes a reason and a second person.';

function askedWords({ by, reason }: Override): string {
  return `${by.name} asks to override that: “${reason}”. An approver or admin who has no part in it must confirm.`;
}

/** Who let it through a freeze, and why; undefined as long as nobody has. */
export function overriddenWords({ data: { override } }: Holdable): string | undefined {
  if (!override?.confirmed) return undefined;
  const windows = override.windows.map((name) => `“${name}”`).join(', ');
  return `${override.by.name} overrode the freeze ${windows}: “${override.reason}”; ${override.confirmed.by.name} confirmed it.`;
}

/** What an open publish is told about a lock that it has not come to yet. */
export function lockAhead(run: PublishRun, lock: Lock | undefined): string | undefined {
  const isHeld = run.stage === 'hold' || run.outcome !== null || run.data.ending !== undefined;
  if (!lock || isHeld || run.data.publishedAt !== undefined) return undefined;
  return `${lockSentence(lock)} It waits before it builds, copies or publishes.`;
}

const nameOf = (run: Holdable): string =>
  run.kind === 'change'
    ? `${run.plan.verb} ${run.plan.target}`
    : `${run.subject} ${run.plan.fixed?.version ?? ''}`.trim();

/** A message beside the run's card: it waits, or did. */
export function holdNews(run: Holdable): Reply {
  const words = heldWords(run);
  if (words.length === 0) {
    return noticeCard({
      message: `${nameOf(run)} was held`,
      details: [overriddenWords(run) ?? `Nothing holds ${run.id} any more.`],
      buttons: [statusButton(run.id)],
    });
  }
  const reply = noticeCard({
    message: `${nameOf(run)} waits`,
    details: words,
    buttons: [statusButton(run.id, 'Show the run')],
  });
  return leadingToRun(reply, run);
}

/** In the channel of those who can agree: the wish to override, or what came of it. `standing`: of whoever looks. */
export function overrideNews(run: Holdable, standing?: Standing): Reply {
  const { override, held } = run.data;
  if (overrideOf(run) === 'confirm' && override) {
    const reply = noticeCard({
      message: `Let ${nameOf(run)} through the freeze?`,
      details: [
        ...(held?.holds ?? []).map(holdSentence),
        `${override.by.name} asks to override that for ${run.id}: “${override.reason}”.`,
        'An approver or admin who has no part in the run confirms it. Unless somebody does, the run waits.',
      ],
      ...secondView(run, standing),
      buttons: [statusButton(run.id)],
    });
    return mentions(leadingToRun(reply, run), { to: 'one of you confirms it', ...confirmersOf(run), waits: true });
  }
  return noticeCard({
    message: `An override of ${run.id} was asked for`,
    details: [overriddenWords(run) ?? 'Nobody confirmed it, and it is not waited for any more.'],
    buttons: [statusButton(run.id)],
  });
}

function confirmersOf(run: Holdable): Pick<Mentions, 'groups' | 'but'> {
  const rule = ruleOf(run);
  const groups = rule ? [{ group: rule.group, name: rule.groupName }] : [];
  return { groups, but: run.actors.map(({ oid }) => oid) };
}
