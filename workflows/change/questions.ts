import type { UpgradeQuestion } from '../../core/lifecycle';
import type { RolloutPlan } from '../../core/runs';
import { momentOf } from '../../core/time';
import { act, type ChangeContext, type Next } from './stages';

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
