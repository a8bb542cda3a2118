import type { AzureRead, AzureWrite, BuildPlace, Fence } from '../../core/azure';
import type { Run } from '../../core/runs';
import { days } from '../../core/time';
import { checkFence } from '../../store/holding';
import type { AllReads } from '../../store/reads';
import { again, type Stage, type StageContext, type Step, to, type Workflow } from '../../workflows/engine';
import type { RunControl } from '../../workflows/start';
import { goodUntil } from './arrivals';
import { seeded } from './random';
import { type EngineScenario, eachOf, type ScenarioWorld } from './scenario';
import { Ledger } from './toy-ledger';

type Data = Readonly<Record<string, unknown>>;
type Context = StageContext<Data, Data>;
type ToyStep = Step<Data, Data>;

const place = {} as BuildPlace;
const rule = { group: 'approvers', groupName: 'Approvers', quorum: 1 };
const cancelled = ({ inbox }: Context): boolean => inbox.some((signal) => signal.kind === 'cancel');

/** The shape of a publish with everything that can go wrong twice: a POST that starts a build, a machine, a publish. */
const endless = {
  waitsFor: 'chaos',
  ms: days(10_000),
  afterwards: 'Never.',
  past: async () => undefined,
};
const stages: readonly Stage<Data, Data>[] = [
  {
    name: 'plan',
    limit: endless,
    takes: ['cancel'],
    run: async () => ({ kind: 'to', stage: 'customise', plan: { value: {}, hash: 'plan' } }),
  },
  { name: 'customise', limit: endless, takes: ['cancel'], run: customise },
  { name: 'test', limit: endless, takes: ['cancel'], run: test },
  { name: 'approve', limit: endless, takes: ['cancel', 'decided'], run: approve },
  { name: 'publish', limit: endless, takes: [], run: publish },
  { name: 'cleanup', limit: endless, takes: [], run: cleanup },
];

async function customise(context: Context): Promise<ToyStep> {
  const { run, read, write } = context;
  if (cancelled(context)) return to('cleanup', { outcome: 'cancelled' });
  const build = await read.build(place, run.id);
  if (build.state === 'absent') await write.startBuild(place, run.id, {} as never);
  // Nothing but the look before it and the fence keeps this POST from being done twice.
  if (build.state === 'idle') await write.runTemplate(place, run.id);
  return build.state === 'succeeded' ? to('test') : again(20);
}

async function test(context: Context): Promise<ToyStep> {
  const { run, read, write } = context;
  if (cancelled(context)) return to('cleanup', { outcome: 'cancelled' });
  const machine = await read.testMachine(place, run.id);
  if (machine.state === 'ready') return to('approve');
  await write.createTestMachine(place, run.id, {} as never);
  return again(20);
}

async function approve(context: Context): Promise<ToyStep> {
  const { approval } = context;
  if (cancelled(context)) return to('cleanup', { outcome: 'cancelled' });
  if (!approval) return { kind: 'ask', rule, ttlMs: 3_600_000, channel: 'approvals' };
  if (approval.status === 'approved') return to('publish');
  return approval.status === 'rejected' ? to('cleanup', { outcome: 'failed' }) : again(3_600_000);
}

async function publish({ run, write }: Context): Promise<ToyStep> {
  await write.updateVersion({} as never, run.id, {});
  return to('cleanup', { outcome: 'published' });
}

async function cleanup({ run, write }: Context): Promise<ToyStep> {
  await write.deleteTestMachine(place, run.id);
  return { kind: 'end', outcome: run.data['outcome'] as 'published' };
}

const workflow: Workflow<Data, Data> = {
  kind: 'publish',
  first: 'plan',
  stages,
  refuse: (signal, run) => new Error(`${run.stage} does not take ${signal}`),
};

/** Which parameter of a call names the thing. */
const nameAt: Readonly<Record<string, number>> = { updateVersion: 1 };

/** Any method of looks or effects as one request; an effect checks the fence and dies with the lease. */
function client(url: string, fence?: Fence): AzureRead & AzureWrite {
  return new Proxy({} as AzureRead & AzureWrite, {
    get:
      (_target, method) =>
      async (...args: unknown[]) => {
        const sentAt = Date.now();
        const leftMs = fence ? Math.floor(fence.leftMs()) : undefined;
        if (fence) checkFence(fence);
        const signal = AbortSignal.timeout(leftMs === undefined ? 5_000 : Math.max(leftMs, 1));
        const path = `${String(method)}/${String(args[nameAt[String(method)] ?? 1])}`;
        const headers = leftMs === undefined ? {} : goodUntil(leftMs, sentAt);
        const response = await fetch(`${url}/${path}`, { signal, headers });
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        return response.json();
      },
  });
}

/** Approves most, rejects some, cancels some; clicks everything twice, as nervous people do. */
function people(random: () => number): ScenarioWorld['people'] {
  const seen = new Set<string>();
  return async ({ control, reads }: { control: RunControl; reads: AllReads }) => {
    for (const approval of await reads.approvalsPending(new Date())) {
      const verdict = random() < 0.85 ? 'approve' : 'reject';
      const decide = (intent: string): Promise<unknown> =>
        control.decide({
          request: approval.id,
          hash: approval.planHash,
          person: { oid: 'grace', name: 'Grace' },
          verdict,
          reason: 'for chaos',
          via: 'button',
          intent,
        });
      await Promise.allSettled([decide(`${approval.id}-1`), decide(`${approval.id}-1`), decide(`${approval.id}-2`)]);
    }
    for (const run of await reads.openRuns()) {
      if (seen.has(run.id) || run.stage === 'plan') continue;
      seen.add(run.id);
      if (random() > 0.15) continue;
      const person = { oid: 'ada', name: 'Ada' };
      await control.signal({ request: run.id, kind: 'cancel', person, intent: `cancel-${run.id}` }).catch(() => {});
    }
  };
}

export const scenario: EngineScenario = {
  name: 'toy',
  async replica(worldUrl) {
    const clock = { now: () => new Date() };
    return { clock, read: client(worldUrl), write: (fence) => client(worldUrl, fence), workflows: [workflow] };
  },
  async world(seed) {
    const ledger = new Ledger();
    return {
      url: await ledger.listen(),
      clock: { now: () => new Date() },
      directory: { membersNow: async (_group, people) => new Set(people) },
      workflows: [workflow],
      next: eachOf(
        Array.from({ length: 6 }, (_, i) => `image-${i}`),
        {},
      ),
      people: people(seeded(seed)),
      judge: async (runs) => judge(ledger, runs),
      close: () => ledger.close(),
    };
  },
};

function judge(ledger: Ledger, runs: readonly Run[]): Record<string, number> {
  const published = new Set(runs.filter((run) => run.outcome === 'published').map((run) => run.id as string));
  return {
    'duplicate builds': [...ledger.templates.values()].filter((template) => template.runs > 1).length,
    'writes without a lease': ledger.arrivals.unleased,
    'duplicate machines': [...ledger.machinesMade.values()].filter((n) => n > 1).length,
    'leaked machines': ledger.machines.size,
    'published and not said so': [...ledger.published.keys()].filter((id) => !published.has(id)).length,
    'said so and not published': [...published].filter((id) => !ledger.published.has(id)).length,
    'runs that ended as nothing': runs.filter((run) => run.outcome === null).length,
  };
}
