import { shareeWords } from '../../core/image-access';
import { type EndingPlan, isAccessPlan } from '../../core/runs';

/** What an end takes back: `the right of payments-owners to view ubuntu-22`, `the gallery gold, shared with tenant …`. */
export function givenWords(plan: EndingPlan): string {
  if (isAccessPlan(plan)) return `the right of ${plan.group.name} to ${plan.right} ${plan.image}`;
  const { to, target } = plan;
  return to.kind === 'everybody' ? target : `${target}, shared with ${shareeWords(to)}`;
}
