import type { AzureRead, ImageDefinition } from '../../../core/azure';
import { definitionId } from '../../../core/azure-id';
import { type Catalogue, parseCatalogue } from '../../../core/catalogue';
import type { ListedVersion } from '../../../core/compliance';
import { UserError } from '../../../core/errors';
import { type BasesRead, type Follow, noneIfMissing } from '../../../core/images';
import type {
  Approval,
  Delegation,
  Lock,
  PublishData,
  PublishRun,
  RequestId,
  Run,
  RunKind,
  RunOfKind,
} from '../../../core/runs';
import { publishStages } from '../../../core/runs/publish';
import { type ClickAnswer, createConversation, type Turn } from '../../../dialogs';
import type { Deps, RefusalEntry } from '../../../dialogs/conversation/command';
import type { KnownLeftover, OpenRuns, Reads } from '../../../store/reads';
import type { DecideRequest, OverrideRequest, SignalRequest, StartRequest } from '../../../workflows/start';
import { healthyHouse } from '../../support/house';
import { roomForAll } from '../../support/preflight';
import { basesThrough } from './bases';
import { catalogueFiles, groups } from './catalogue';

export const now = new Date('2026-11-23T09:00:00Z');
export const tenant = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';

export const people = {
  ada: { oid: 'a1', name: 'Ada', groups: [groups.publishers, groups.viewers] },
  grace: { oid: 'a2', name: 'Grace', groups: [groups.approvers, groups.admins, groups.viewers] },
  dana: { oid: 'a5', name: 'Dana', groups: [groups.viewers, groups.auditors] },
  nobody: { oid: 'a9', name: 'Nobody', groups: [] },
  web: { oid: 'a7', name: 'Wendy', groups: [groups.webPublishers] },
} as const;
export type Who = keyof typeof people;

/** What the conversation asked of the rest of goldbot, and a store that a test fills by hand. */
export interface Held {
  readonly runs: Map<string, PublishRun>;
  readonly approvals: Map<string, Approval>;
  readonly leftovers: KnownLeftover[];
  readonly locks: Lock[];
  readonly follows: Follow[];
  readonly delegations: Delegation[];
  readonly started: StartRequest[];
  readonly signals: SignalRequest[];
  readonly overrides: OverrideRequest[];
  readonly decided: DecideRequest[];
  readonly refusals: RefusalEntry[];
}

export interface DialogWorld extends Held {
  readonly deps: Deps;
  say(who: Who, text: string, turn?: Partial<Turn>): ReturnType<ReturnType<typeof createConversation>['handleText']>;
  click(
    who: Who,
    verb: string,
    data: unknown,
    turn?: Partial<Turn>,
  ): ReturnType<ReturnType<typeof createConversation>['handleAction']>;
  /** The card of whoever looks, in place of the one that was posted for the topic. */
  look(who: Who, topic: string | null, byHand?: boolean): Promise<ClickAnswer>;
}

/** The real dialogs around a store and a directory that live in memory. Azure is whatever a test says. */
export function dialogWorld(change: Partial<Omit<Deps, 'read'>> & { read?: Partial<AzureRead> } = {}): DialogWorld {
  const held: Held = {
    runs: new Map(),
    approvals: new Map(),
    leftovers: [],
    locks: [],
    follows: [],
    delegations: [],
    started: [],
    signals: [],
    overrides: [],
    decided: [],
    refusals: [],
  };
  const parsed = parseCatalogue(catalogueFiles);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const deps: Deps = {
    catalogue: () => parsed.catalogue,
    reads: readsOf(held),
    runs: runsOf(held),
    channels: { choose: async () => {} },
    locks: locksOf(held),
    follows: {
      follow: async ({ team, image, channel, person }) => {
        const at = held.follows.findIndex((one) => one.team === team && one.image === image);
        if (at >= 0) held.follows.splice(at, 1);
        if (channel !== 'latest') held.follows.push({ team, image, channel, by: person, since: now });
      },
    },
    delegations: {
      delegate: async ({ person, ...one }) => void held.delegations.push({ ...one, from: person, at: now }),
      undelegate: async ({ person, image }) => {
        const at = held.delegations.findIndex((one) => one.from.oid === person.oid && one.image === image);
        return at < 0 ? undefined : held.delegations.splice(at, 1)[0];
      },
    },
    webhooks: { resend: async () => 0 },
    subscriptions: {
      subscribe: async () => undefined,
      unsubscribe: async () => [],
    },
    digests: {
      set: () => Promise.reject(new Error('no digest is expected to be set')),
      snooze: () => Promise.reject(new Error('no row is expected to be snoozed')),
      unsnooze: async () => undefined,
    },
    schedules: { set: () => Promise.reject(new Error('no schedule is expected to be set')) },
    clock: { now: () => now },
    deciders: async () => ({ size: 'fits', count: 2, ids: [people.grace.oid, 'a3'] }),
    groups: async () => [],
    directory: { memberOf: async (oid, asked) => groupsOf(oid).filter((g) => asked.includes(g)) },
    tenants: [tenant],
    house: healthyHouse,
    audit: async (entry) => void held.refusals.push(entry),
    ...change,
    read: noAzure(change.read ?? {}, change.catalogue ?? (() => parsed.catalogue)),
  };
  const { handleText, handleAction, handleView } = createConversation(deps);
  let turns = 0;
  const turn = (who: Who, more: Partial<Turn> = {}): Turn => ({
    person: { oid: people[who].oid, name: people[who].name, tenantId: tenant },
    conversation: { id: '19:general', kind: 'channel', name: 'Image Factory / General' },
    intent: `activity-${++turns}`,
    ...more,
  });
  return {
    ...held,
    deps,
    say: (who, text, more) => handleText(turn(who, more), text),
    look: (who, clicked, byHand = false) => handleView(turn(who, { clicked }), byHand),
    click: (who, verb, data, more) => handleAction(turn(who, more), verb, data),
  };
}

export function groupsOf(oid: string): readonly string[] {
  return Object.values(people).find((p) => p.oid === oid)?.groups ?? [];
}

const definitions: readonly ImageDefinition[] = (['Linux', 'Windows'] as const).map((os) => ({
  name: os === 'Linux' ? 'ubuntu-22' : 'windows-2022',
  state: 'Generalized',
  os,
  generation: 'V2',
  architecture: 'x64',
}));

/** The gallery has the definitions that the catalogue names, and they fit. */
const gallery: Partial<AzureRead> = {
  definitions: async () => definitions,
  /** A cloud without a public list: figures are of the dated table. */
  copyPrices: async () => [],
  trafficPrices: async () => [],
  definition: async (image) => definitions.find((d) => d.name === image.definition),
};

/** A look that the test did not expect fails loudly instead of answering something made up. */
function noAzure(read: Partial<AzureRead>, catalogue: () => Catalogue): AzureRead & BasesRead {
  // Resource Graph has none of them yet: each is asked about singly.
  const imageSources = async () => [];
  const asked = { ...gallery, ...roomForAll, imageSources, ...listedOf(read), ...read } as AzureRead & BasesRead;
  asked.bases ??= (keys) => basesThrough(world, catalogue, () => now).bases(keys);
  const world = new Proxy(asked, {
    get: (target, name) => {
      const look: unknown = Reflect.get(target, name);
      return look ?? (() => Promise.reject(new Error(`unexpected look ${String(name)}`)));
    },
  });
  return world;
}

/** Resource Graph lists the versions that Compute has. */
function listedOf({ versions }: Partial<AzureRead>): Partial<AzureRead> {
  if (!versions) return {};
  return {
    publishedVersions: async (images) => {
      const rows = images.map(
        async (image): Promise<readonly ListedVersion[]> =>
          (await noneIfMissing(versions(image))).map(({ createdAt, ...version }) => ({
            ...version,
            source: definitionId(image).toLowerCase(),
            regions: [],
            copies: version.regions,
            disks: version.disks ?? [],
            ...(createdAt && { publishedAt: createdAt }),
          })),
      );
      return { rows: (await Promise.all(rows)).flat(), asOf: now };
    },
  };
}

export function aRun(id: RequestId, change: Partial<PublishRun> & { data?: Partial<PublishData> } = {}): PublishRun {
  return {
    id,
    kind: 'publish',
    subject: 'ubuntu-22',
    plan: { request: {}, approvalChannel: 'Image Factory / approvals', fixed: null },
    planHash: null,
    stages: publishStages,
    stage: 'plan',
    attempt: 1,
    dueAt: now,
    tries: 0,
    lastError: null,
    failingSince: null,
    inStage: null,
    version: 0,
    createdAt: new Date(now.getTime() - 20 * 60_000),
    endedAt: null,
    outcome: null,
    actors: [{ oid: people.ada.oid, name: 'Ada', did: 'requested' }],
    ...change,
    data: { times: [], ...change.data },
  };
}

function readsOf({ runs, approvals, leftovers, locks, follows, delegations }: Held): Reads {
  const all = () => [...runs.values()];
  return {
    run: async (id) => runs.get(id),
    runsOf: async (ids) => new Map(ids.flatMap((id) => (runs.has(id) ? [[id, runs.get(id) as Run] as const] : []))),
    readings: async () => [],
    runOfApproval: async (id) => runs.get(approvals.get(id)?.runId ?? ''),
    bases: async () => new Map(),
    isShown: async () => false,
    endings: async () => undefined,
    asks: async () => undefined,
    deferral: async () => undefined,
    standingChanges: async () => [],
    agreedEnds: async () => [],
    recordedVersions: async (image) =>
      new Map(
        all().flatMap(({ id, subject, plan: { fixed }, data: { tested } }) =>
          subject === image && fixed && tested ? [[fixed.version, { runId: id, fingerprint: tested }] as const] : [],
        ),
      ),
    topicsIn: async () => [],
    openSeen: async (sight, shown) => openIn(all(), sight, shown),
    openPublishes: async () => all().filter((r) => !r.endedAt && r.kind === 'publish'),
    openChanges: async (of) =>
      (all() as readonly Run[]).flatMap((r) => {
        if (r.endedAt || r.kind !== 'change') return [];
        return 'subject' in of ? (r.subject === of.subject ? [r] : []) : r.plan.verb === of.verb ? [r] : [];
      }),
    openSubjects: async () => all().flatMap(({ endedAt, subject }) => (endedAt ? [] : [subject])),
    openRun: async (image) => all().find((r) => !r.endedAt && r.subject === image),
    runs: async ({ image, failed, limit }) =>
      all()
        .filter((r) => (!image || r.subject === image) && (!failed || (r.outcome && r.outcome !== 'published')))
        .slice(0, limit ?? 20),
    approval: async (id) => approvals.get(id),
    approvalsPending: async () => [...approvals.values()].filter((a) => a.status === 'pending'),
    approvalsOn: async (card) => [...approvals.values()].filter(({ sharedCard }) => sharedCard === card),
    approvalsOfRun: async (id) => [...approvals.values()].filter((a) => a.runId === id),
    rejectedBefore: async () => [],
    leftovers: async ({ runId, gone } = {}) =>
      leftovers.filter((l) => (runId === undefined || l.runId === runId) && (gone || l.goneAt === null)),
    lockOf: async (image) => locks.find((lock) => lock.image === image),
    locks: async () => locks,
    follows: async () => follows,
    delegations: async () => delegations,
    webhooks: async () => [],
    subscriptions: async () => [],
    ownChat: async () => undefined,
    noticed: async () => undefined,
    audit: async () => [],
    history: async () => [],
    verifyAudit: async () => ({ intact: true, entries: 0 }),
    alteration: async () => undefined,
    accounts: async () => [],
    checkpoint: async () => undefined,
    duration: async () => undefined,
    waited: async () => [],
    requestKind: async (id) => (runs.has(id) ? 'run' : approvals.has(id) ? 'approval' : undefined),
    versionsTaken: async () => [],
    contents: async () => new Map(),
    certificate: async () => undefined,
    certificateOfRun: async () => undefined,
    signingKeys: async () => new Map(),
    holders: async () => [],
    keptContents: async () => [],
    packagesLike: async () => [],
    namesOf: async () => new Map(),
    channels: async () => [],
    digests: {
      state: async () => ({}),
      figures: async () => undefined,
      before: async () => [],
      newest: async () => undefined,
      snoozes: async () => [],
    },
    schedules: { state: async () => ({ past: [] }), runOf: async () => undefined, published: async () => undefined },
  };
}

type OpenSeen = Parameters<Reads['openSeen']>;

/** As the store counts them. */
function openIn(all: readonly Run[], { images, teams, person }: OpenSeen[0], shown: OpenSeen[1]): OpenRuns {
  const isPart = (run: Run) => run.actors.some(({ oid }) => oid === person);
  const seen = all.filter((run) => {
    if (run.endedAt || run.kind === 'digest') return false;
    if (run.kind === 'publish') return images === 'all' || images.includes(run.subject);
    return teams === 'all' || teams.includes(run.plan.team ?? '') || isPart(run);
  });
  const runs = seen
    .filter((run) => !shown.toRepair || (run.stage === 'repair' && isPart(run)))
    .filter(({ id, subject, kind }) =>
      (shown.words ?? []).every((word) => [id, subject, kind].some((name) => name.toLowerCase().startsWith(word))),
    );
  const isEnding = ({ data }: Run) => 'ending' in data && data.ending !== undefined;
  const asking = seen.filter((run) => !isEnding(run) && ['approve', 'repair', 'hold'].includes(run.stage));
  const ending = seen.filter(isEnding);
  return {
    runs: runs.toReversed().slice(0, shown.limit),
    total: seen.length,
    ...{ asking: asking.length, ending: ending.length },
  };
}

/** As the store has them: the first lock stands, and is lifted by its holder or an admin. */
function locksOf({ locks, runs }: Held): Deps['locks'] {
  return {
    lock: async ({ image, reason, person }) => {
      const before = locks.find((one) => one.image === image);
      const lock = before ?? { image, by: person, reason, since: now };
      if (!before) locks.push(lock);
      return { lock };
    },
    unlock: async ({ image }) => {
      const open = [...runs.values()].find((run) => run.subject === image && !run.endedAt);
      const index = locks.findIndex((one) => one.image === image);
      const [lock] = index < 0 ? [] : locks.splice(index, 1);
      return lock && { lock, ...(open && { openRun: open.id }) };
    },
  };
}

/** The smallest thing that behaves: starting makes a run, joining adds an actor, deciding closes. */
function runsOf(held: Held): Deps['runs'] {
  const must = (id: RequestId): Run => {
    const run = held.runs.get(id) ?? held.runs.get(held.approvals.get(id)?.runId ?? '');
    if (run) return run;
    throw new UserError('UNKNOWN_REQUEST', `There is no request ${id}.`, { hint: 'See `runs`.' });
  };
  const closed = (id: RequestId, status: Approval['status']): Approval => {
    const approval = held.approvals.get(id);
    if (!approval) throw new Error(`no approval ${id}`);
    const after = { ...approval, status };
    held.approvals.set(id, after);
    return after;
  };
  return {
    startOrJoin: async <Kind extends RunKind>(request: StartRequest<Kind>) => {
      held.started.push(request);
      const open = [...held.runs.values()].find((r) => r.subject === request.subject && !r.endedAt);
      const actor = { ...request.person, did: open ? ('joined' as const) : ('requested' as const) };
      const known = open?.actors.some((a) => a.oid === actor.oid);
      const run = open
        ? { ...open, actors: known ? open.actors : [...open.actors, actor] }
        : aRun('R-NEW22', { subject: request.subject, plan: request.plan as PublishRun['plan'], actors: [actor] });
      held.runs.set(run.id, run);
      return { run: run as Run as RunOfKind<Kind>, joined: open !== undefined };
    },
    signal: async (request) => {
      held.signals.push(request);
      return must(request.request);
    },
    decide: async (request) => {
      held.decided.push(request);
      const approval = closed(request.request, request.verdict === 'approve' ? 'approved' : 'rejected');
      const outcome = request.verdict === 'approve' ? ('approved' as const) : ('rejected' as const);
      return { approval, run: must(request.request), outcome, by: [request.person] };
    },
    override: async (request) => {
      held.overrides.push(request);
      return must(request.request);
    },
    withdraw: async ({ request }) => ({ approval: closed(request, 'withdrawn'), run: must(request) }),
  };
}
