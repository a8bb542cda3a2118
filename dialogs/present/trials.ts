import { type ChangeView, mentionCard, type Reply } from '../../cards';
import type { ChangeRun, TryPlan } from '../../core/runs';
import { azureTrials, type TrialsData, trialDefinition, trialOf, trialVersionNumber } from '../../core/trials';

/** Trials for people: what would be made and deleted, where and for how much, and what came of each question. */
export function tryFacts({ gallery, source, cost, mention }: TryPlan): ChangeView['facts'] {
  return [
    {
      title: 'Makes',
      value: `definition ${trialDefinition} with version ${trialVersionNumber}, a copy of ${source.definition} ${source.version}, excluded from latest`,
    },
    { title: 'Where', value: `gallery ${gallery.gallery}, in its home region alone` },
    { title: 'Costs', value: cost },
    { title: 'Deletes', value: 'both of them, when the questions are answered or when they cannot be' },
    { title: 'Never touches', value: 'any other definition or version' },
    ...(mention
      ? [{ title: 'Posts', value: `a message in ${mention.channel}, and edits a mention of ${mention.name} into it` }]
      : [{ title: 'Posts', value: 'nothing: no channel was named, so that Teams is not tried' }]),
  ];
}

/** In the order in which they are asked. */
export function answersOf({ mention }: TryPlan, { answers = {} }: TrialsData = {}): NonNullable<ChangeView['answers']> {
  const asked = [...azureTrials, ...(mention ? [trialOf('mention-by-edit')] : [])];
  return asked.map(({ id, question }) => {
    const found = answers[id];
    const isKnown = found !== undefined && found.verdict !== 'not answered';
    return { question, isKnown, ...(found && { said: found.said }) };
  });
}

/** The message that is edited. @throws Error for a run that has none. */
export function presentMention(run: ChangeRun): Reply {
  const { plan, data, id } = run;
  if (plan.verb !== 'try' || !plan.mention) throw new Error(`${id} mentions nobody`);
  const { oid, name } = plan.mention;
  const said = data.trials?.answers?.['mention-by-edit']?.said;
  const base = { id, name, oid, ...(run.planHash !== null && { hash: run.planHash }) };
  if (said !== undefined) return mentionCard({ ...base, state: 'answered', said });
  return mentionCard({ ...base, state: data.trials?.mentionedAt === undefined ? 'posted' : 'mentioned' });
}
