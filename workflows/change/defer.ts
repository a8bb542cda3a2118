import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type AskedSet, againMs, deferralLimit, type UpgradeQuestion } from '../../core/lifecycle';
import type { DeferPlan, RolloutPlan } from '../../core/runs';
import { momentOf } from '../../core/time';
import { act, type ChangeContext, type ChangeKind, type Next } from './stages';

/**
 * Keeps a team's scale sets on what they run until a day: the run waits for it, and puts off what Azure asks meanwhile. A
 * rollout of the team begins nothing as long as it waits; cancelling it takes the deferral back.
 */
export const defer: ChangeKind<DeferPlan> = {
  async survey({ read, now }, plan) {
    const seen = await questionsOf(read, plan.sets);
    const asked = seen.flatMap(({ name, asks, questions }): readonly AskedSet[] =>
      asks ? [{ name, asks, questions }] : [],
    );
    const until = new Date(plan.until);
    const { at, why } = deferralLimit(asked, now);
    if (until > at) throw tooLong(plan, `${why}: ${momentOf(at)}`);
    return { before: beforeWords(asked), warnings: warningsOf(asked, until) };
  },

  /** People need time to answer once they are asked again. */
  early: (context, { sets, until }) => putOff(context, sets, new Date(new Date(until).getTime() + againMs)),

  next: async (_, { image, team, until }) => ({
    kind: 'so',
    outcome: `The deferral of ${image} for ${team} ended at ${momentOf(new Date(until))}; where Azure still waits, ${team} is asked again.`,
  }),
};

function beforeWords(sets: readonly AskedSet[]): string {
  const open = sets.flatMap(({ name, questions }) =>
    questions.map(({ until, otherwise }) => {
      const does = otherwise === 'approve' ? 'would have begun' : 'would not have begun';
      return `Azure ${does} with ${name} at ${momentOf(until)}`;
    }),
  );
  return open.length === 0 ? 'Azure showed no question' : open.join('; ');
}

function warningsOf(sets: readonly AskedSet[], until: Date): readonly string[] {
  const hooks = sets.filter(({ asks }) => asks === 'hook');
  const soon = hooks.flatMap(({ name, questions }) =>
    questions.flatMap(({ latest, otherwise }) =>
      latest.getTime() - until.getTime() < againMs
        ? [
            `Azure waits with ${name} until ${momentOf(latest)} at most: ${otherwise === 'approve' ? 'then it begins by itself' : 'then it does not begin'}, so that hardly anybody can be asked again.`,
          ]
        : [],
    ),
  );
  const quiet = hooks.filter(({ questions }) => questions.length === 0).map(({ name }) => name);
  return [
    ...soon,
    ...(quiet.length > 0
      ? [`What Azure begins to ask about ${quiet.join(', ')} is put off as well, as far as Azure lets.`]
      : []),
  ];
}

const tooLong = ({ image, team, reason }: DeferPlan, why: string): UserError =>
  new UserError('BAD_COMMAND', `That is later than Azure lets it be put off. ${why}. Nothing was put off.`, {
    hint: 'Name an earlier end.',
    next: [call('defer', { image, team, reason }, 'until')],
  });

type Asked = Pick<RolloutPlan['sets'][number], 'id' | 'name' | 'asks'>;

/** What Azure asks the owners of sets by their lifecycle hooks, one after the other. */
export async function questionsOf(
  read: ChangeContext['read'],
  sets: readonly Asked[],
): Promise<readonly (Asked & { readonly questions: readonly UpgradeQuestion[] })[]> {
  return Promise.all(
    sets.map(async (set) => ({ ...set, questions: set.asks === 'hook' ? await read.upgradeQuestions(set.id) : [] })),
  );
}

/** The first question that Azure would answer itself before then, put off as far as Azure lets; undefined: there is none. */
export async function putOff(
  { read, write }: Pick<ChangeContext, 'read' | 'write'>,
  sets: readonly Asked[],
  to: Date,
): Promise<(Next & { readonly kind: 'do' }) | undefined> {
  for (const { id, name, questions } of await questionsOf(read, sets)) {
    for (const { name: question, until, latest } of questions) {
      const wanted = to < latest ? to : latest;
      if (until < wanted) {
        return act(`${name}: Azure waits until ${momentOf(wanted)}`, () => write.putOffQuestion(id, question, wanted));
      }
    }
  }
  return undefined;
}
