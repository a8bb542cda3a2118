import { type Button, noticeCard, statusButton } from '../../cards';
import { findImage } from '../../core/catalogue';
import { type ApprovalRule, approvalRule, type ChangeRun, type PublishRun, stepsOf } from '../../core/runs';
import { type Answer, type CommandContext, type Deps, flag } from '../conversation';
import { askerOf, ifKnown } from '../present';

/** What commands have that may join a run instead of starting one. */
export const joinFlag = flag('Join what is already open, even if you can then no longer decide on it', {
  form: false,
  machinery: true,
});

type Decidable = PublishRun | ChangeRun;

/** What is about to make somebody part of a run. */
export interface Joining {
  /** One sentence, a question: `R-7F3KQ is publishing ubuntu-22 already: join it?` */
  readonly question: string;
  /** The button that does it all the same; its call carries `join`. */
  readonly yes: Button;
  readonly no: string;
}

/**
 * Whoever joins or rebuilds a run shares responsibility for it and can no longer decide about it. Somebody who could
 * decide is asked first. Undefined: the person has nothing to lose, or said so already.
 */
export async function askFirst(
  ctx: CommandContext,
  run: Decidable,
  { question, yes, no }: Joining,
  deps: Deps,
): Promise<Answer | undefined> {
  if (run.actors.some(({ oid }) => oid === ctx.person.oid)) return undefined;
  const rule = ruleOf(run, deps);
  if (!rule || (run.kind === 'publish' && !ctx.rights.has('approver', run.subject))) return undefined;
  const steps = stepsOf(rule);
  const groups = await ifKnown(
    deps.directory.memberOf(
      ctx.person.oid,
      steps.map(({ group }) => group),
    ),
  );
  const own = groups && steps.find(({ group }) => groups.includes(group));
  if (groups && !own) return undefined;
  const may = own
    ? `You may decide about it as a member of ${own.groupName}; as a participant you no longer may.`
    : `As a participant you cannot decide about it; Microsoft Graph does not say at the moment whether you otherwise could.`;
  return noticeCard({
    message: question,
    details: [`${askerOf(run)} asked for it in ${run.id}.`, may, 'Nothing has been done yet.'],
    buttons: [yes, statusButton(run.id, no)],
  });
}

/** Who decides about it: by its plan, or by the catalogue while there is none. */
function ruleOf(run: Decidable, deps: Deps): ApprovalRule | undefined {
  if (run.kind === 'change') return run.plan.approval?.rule;
  if (run.plan.fixed) return run.plan.fixed.rule;
  const image = findImage(deps.catalogue(), run.subject);
  return image && approvalRule(image);
}
