import { definitionId, sameId } from '../../core/azure-id';
import { type Catalogue, findImage } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { machineTeams } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { type AskedSet, againMs, cardsAbout, deferralLimit, type UpgradeQuestion } from '../../core/lifecycle';
import type { DeferPlan, RolloutPlan } from '../../core/runs';
import { momentOf } from '../../core/time';
import {
  act,
  type ChangeContext,
  type ChangeDeps,
  type ChangeKind,
  type ChangeStageDefinition,
  type Next,
} from './stages';

/**
 * Keeps a team's scale sets on what they run until a day: the run waits for it, and puts off what Azure asks meanwhile. A
 * rollout of the team begins nothing as long as it waits; cancelling it takes the deferral back.
 */
export const defer = ({ catalogue }: Pick<ChangeDeps, 'catalogue'>): ChangeKind<DeferPlan> => ({
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
  async early(context, plan) {
    const to = new Date(new Date(plan.until).getTime() + againMs);
    return (await putOff(context, plan.sets, to)) ?? putOff(context, await newcomers(context, plan, catalogue()), to);
  },

  next: async (_, { image, team, until }) => ({
    kind: 'so',
    outcome: `The deferral of ${image} for ${team} ended at ${momentOf(new Date(until))}; where Azure still waits, ${team} is asked again.`,
  }),
});

/** Sets of the team whose owner Azure asks since the deferral began: their hook, the image or the tag came later. */
async function newcomers(
  { read }: Pick<ChangeContext, 'read'>,
  { image, team, sets }: DeferPlan,
  catalogue: Catalogue,
): Promise<readonly Asked[]> {
  const config = findImage(catalogue, image);
  if (!config) return [];
  const { rows } = await read.scaleSets(definitionId(imageRef(catalogue.azure, config)));
  const asking = rows.filter(
    ({ id, selfUpgrading, asks }) => selfUpgrading && asks === 'hook' && !sets.some((one) => sameId(one.id, id)),
  );
  if (asking.length === 0) return [];
  const teamOf = await machineTeams(read, catalogue);
  return asking.filter((set) => teamOf(set) === team);
}

/** A deferral that begins or ends stands at once on the cards that ask its team, not with the next look at what Azure asks. */
export const shownWhereAsked =
  ({ asks }: Pick<ChangeDeps, 'asks'>) =>
  (stage: ChangeStageDefinition): ChangeStageDefinition => ({
    ...stage,
    run: async (context) => {
      const step = await stage.run(context);
      const { plan } = context.run;
      if (plan.verb !== 'defer' || step.kind === 'again' || step.kind === 'ask') return step;
      const found = await asks();
      const cards = found ? cardsAbout(found, plan).map((card) => ({ ...card, kind: 'asks' })) : [];
      return { ...step, cards: [...(step.cards ?? []), ...cards] };
    },
  });

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
