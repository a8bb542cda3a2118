import type { Remediation } from '../../core/azure';
import { nameOfId, sameId } from '../../core/azure-id';
import type { Exemption } from '../../core/compliance';
import { type ExemptPlan, exemptionId, type RemediatePlan, type RescanPlan, remediationId } from '../../core/runs';
import { dayOf } from '../../core/time';
import { act, type ChangeContext, type ChangeKind, type Next, waits } from './stages';

/** Exempts one machine from one assignment until a day. */
export const exempt: ChangeKind<ExemptPlan> = {
  async survey({ read, now }, plan) {
    const found = await read.exemption(exemptionId(plan));
    const before = found ? exemptWords(found, now) : 'not exempt by goldbot';
    return { before, warnings: [`Until then ${plan.policy} ignores ${plan.target}, whatever happens to it.`] };
  },

  async next({ read, write, run, now }, plan): Promise<Next> {
    const found = await read.exemption(exemptionId(plan));
    const ends = found?.expiresAt?.getTime();
    if (ends === new Date(plan.until).getTime() && found?.reason === plan.reason) {
      return { kind: 'so', outcome: `${plan.target} is exempt from ${plan.policy} until ${day(plan.until)}.` };
    }
    if (new Date(plan.until) <= now) {
      return {
        kind: 'failed',
        why: `${day(plan.until)} has passed; nothing was exempted. Ask again with a later day.`,
      };
    }
    const spec = {
      assignment: plan.assignment,
      ...(plan.reference !== undefined && { reference: plan.reference }),
      title: `${plan.target}: ${plan.policy}`.slice(0, 128),
      reason: plan.reason ?? '',
      expiresAt: new Date(plan.until),
      run: run.id,
    };
    return act('writing the exemption', () => write.putExemption(exemptionId(plan), spec));
  },
};

/** Azure keeps an exemption that is over. */
function exemptWords({ expiresAt }: Exemption, now: Date): string {
  if (!expiresAt) return 'exempt for ever';
  const ends = day(expiresAt.toISOString());
  return expiresAt <= now ? `no longer exempt: that ended on ${ends}` : `exempt until ${ends}`;
}

const day = (iso: string): string => dayOf(new Date(iso));

/** Runs the policy's own deployment on one machine: a remediation task of one resource. */
export const remediate: ChangeKind<RemediatePlan> = {
  async survey({ read }, plan) {
    const { policies } = await read.machineCompliance(plan.machineId);
    const named = (reference: string | undefined) => (reference ?? '').toLowerCase();
    // Each definition of an initiative has a state of its own.
    const now = policies.find(
      (p) => sameId(p.assignment, plan.assignment) && named(p.reference) === named(plan.reference),
    );
    return { before: now?.state ?? 'not evaluated' };
  },

  async next({ read, write, run }, plan): Promise<Next> {
    const id = remediationId(plan, run.id);
    const task = await read.remediation(id);
    if (task) return stateOf(task, plan);
    const { assignment, reference } = plan;
    const spec = { assignment, ...(reference !== undefined && { reference }) };
    return act('starting the remediation', () => write.startRemediation(id, spec));
  },
};

function stateOf({ state, total, succeeded, message }: Remediation, plan: RemediatePlan): Next {
  const said = message === undefined ? '' : ` Azure says: ${message}`;
  const counted = `${succeeded} of ${total} ${total === 1 ? 'deployment' : 'deployments'}`;
  switch (state) {
    case 'running':
      return { kind: 'wait', progress: `${counted} done`, wait: waits.remediation };
    case 'succeeded':
      // Azure also reports a task that had nothing to do as succeeded.
      if (total === 0) {
        const why = `${plan.policy} found nothing to remediate on ${plan.target}; it may have been fixed since it was last evaluated.`;
        return { kind: 'so', outcome: `${why} A rescan shows it.` };
      }
      return {
        kind: 'so',
        outcome: `${plan.target} was remediated by ${plan.policy}: ${counted}. Its state follows with the next evaluation.`,
      };
    case 'failed':
      // How many failed is not told: Azure counts those only after the task has ended.
      return { kind: 'failed', why: `${counted} succeeded. ${rolesOf(plan)}${said}` };
    case 'cancelled':
      return { kind: 'failed', why: `somebody cancelled the remediation in Azure.${said}` };
  }
}

/** Azure says at the deployments alone why; most often the identity of an assignment was never given its role. */
const rolesOf = ({ assignment, policy }: RemediatePlan): string =>
  `The Azure portal shows what kept Azure from the rest (Policy, Remediation). If it says Forbidden or that permissions are missing, ask the owner of the policy assignment “${nameOfId(assignment)}” to give its identity the role that ${policy} names, then remediate again.`;

/** One evaluation for each scope, each started once; its URL is kept. */
export const rescan: ChangeKind<RescanPlan> = {
  async survey(_, plan) {
    const many = plan.scopes.length === 1 ? '1 scope' : `${plan.scopes.length} scopes`;
    return { before: `${many} to evaluate` };
  },

  async next(context, plan): Promise<Next> {
    const { run, write } = context;
    const known = run.data.evaluations ?? {};
    const open = plan.scopes.find((scope) => known[scope] === undefined);
    if (open !== undefined) {
      return {
        kind: 'do',
        progress: `${Object.keys(known).length + 1} of ${plan.scopes.length} scopes started`,
        act: async () => ({ evaluations: { ...known, [open]: (await write.startEvaluation(open)) ?? '' } }),
      };
    }
    return running(context, plan, known);
  },
};

async function running(
  { read }: ChangeContext,
  plan: RescanPlan,
  known: Readonly<Record<string, string>>,
): Promise<Next> {
  const asked = await Promise.all(
    Object.entries(known).map(async ([scope, url]) => {
      const over = url === '' || (await read.evaluation(url)) === 'done';
      return [scope, over ? '' : url] as const;
    }),
  );
  const evaluations = Object.fromEntries(asked);
  const done = asked.filter(([, url]) => url === '').length;
  if (done < plan.scopes.length) {
    const progress = `Azure has evaluated ${done} of ${plan.scopes.length} scopes`;
    return { kind: 'wait', progress, wait: waits.evaluation, data: { evaluations } };
  }
  const outcome = `Azure Policy has evaluated ${plan.target}. What runs inside the machines has its own schedule: guest configuration reports every 15 minutes, and nothing here speeds it up.`;
  return { kind: 'so', outcome, data: { evaluations } };
}
