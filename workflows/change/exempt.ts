import type { Exemption } from '../../core/compliance';
import { type ExemptPlan, exemptionId } from '../../core/runs';
import type { Doing, Next } from './kit';

/** A waiver of one assignment for one machine, with a day on which it ends. */
export const exempt: Doing<ExemptPlan> = {
  async survey({ read }, plan) {
    const found = await read.exemption(exemptionId(plan));
    const before = found ? `exempt ${untilOf(found)}` : 'not exempt by goldbot';
    return { before, warnings: [`${plan.policy} does not look at ${plan.target} until then, whatever becomes of it.`] };
  },

  async next({ read, write, run, now }, plan): Promise<Next> {
    const found = await read.exemption(exemptionId(plan));
    const ends = found?.expiresAt?.getTime();
    if (ends === new Date(plan.until).getTime() && found?.reason === plan.reason) {
      return { kind: 'so', outcome: `${plan.target} is exempt from ${plan.policy} until ${day(plan.until)}.` };
    }
    if (new Date(plan.until) <= now) {
      return { kind: 'failed', why: `${day(plan.until)} is over; nothing was exempt. Ask again with a later day.` };
    }
    return {
      kind: 'do',
      progress: 'writing the exemption',
      effect: async () => {
        await write.putExemption(exemptionId(plan), {
          assignment: plan.assignment,
          ...(plan.reference !== undefined && { reference: plan.reference }),
          title: `${plan.target}: ${plan.policy}`.slice(0, 128),
          reason: plan.reason ?? '',
          expiresAt: new Date(plan.until),
          run: run.id,
        });
        return undefined;
      },
    };
  },
};

function untilOf({ expiresAt }: Exemption): string {
  return expiresAt ? `until ${day(expiresAt.toISOString())}` : 'for ever';
}

const day = (iso: string): string => iso.slice(0, 10);
