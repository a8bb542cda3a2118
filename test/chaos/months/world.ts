import { randomUUID } from 'node:crypto';
import type { Reply } from '../../../cards';
import type { GalleryVersion } from '../../../core/azure';
import type { ImageConfig } from '../../../core/catalogue';
import { hashOf } from '../../../core/hash';
import { imageRef, versionTags } from '../../../core/images';
import type { PublishPlan, RequestId } from '../../../core/runs';
import { sleep } from '../../../core/time';
import { createConversation, renderTopic } from '../../../dialogs';
import type { Deps } from '../../../dialogs/conversation/command';
import { createSandbox } from '../../../sandbox';
import { tenantId } from '../../../sandbox/entra/people';
import type { Fault } from '../../../sandbox/kernel/faults';
import { createAzure, sandboxCredential } from '../../../services';
import { cardShown, claimCard, type Database } from '../../../store';
import { createReads } from '../../../store/reads';
import { createEngine, type Worker } from '../../../workflows/engine';
import { type ScheduleKind, tick } from '../../../workflows/engine/schedules';
import { publishWorkflow, reaper, signatures } from '../../../workflows/publish';
import { publishSchedules } from '../../../workflows/schedule';
import { createLockControl, createRunControl, mayStart } from '../../../workflows/start';
import { ask, sandboxHttpClient } from '../../sandbox/client';
import { testDatabase } from '../../store/database';
import { people as known } from '../../support/azure-world';
import { healthyHouse } from '../../support/house';
import { testKey } from '../../support/signing';
import { worldStart } from '../../support/world-start';
import { patient } from '../patient';
import { seeded } from '../random';
import { stillness } from '../stillness';
import { monthsCatalogue } from './catalogue';
import { Life } from './fleet';
import { buttonsOf, type Message, People, type Screen } from './people';

/** Long enough for a busy machine, short enough to wait for often; machine time. */
const leaseMs = 700;

/** What Azure was asked to change, and changed. */
export interface Change {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

interface Replica {
  readonly life: Life;
  readonly engine: Worker;
  readonly schedules: ScheduleKind;
  readonly database: Database;
}

/** A month of one image has some thirty writes: until one of them has met a death, all are eight times as dangerous. */
const dangerAfter = (deaths: number): number => (deaths === 0 ? 8 : 1);

/** Images, replicas that die, people and an Azure that fails, on a clock that goes on when all is quiet. */
export async function monthsWorld(options: {
  readonly images: readonly string[];
  readonly seed: number;
  readonly slow?: readonly string[];
}) {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart });
  const store = await testDatabase();
  // Of all: the deaths here are of the harness's making, and two replicas share one pool.
  const database = patient(store.database);
  let catalogue = monthsCatalogue(options.images);
  const pins: Record<string, string> = {};
  const random = seeded(options.seed);
  const { clock } = world;
  const reads = createReads(database);
  const tally = { kills: 0, freezes: 0, faults: 0 };
  const changes: Change[] = [];
  /** What went wrong with schedules without anybody's death. */
  const complaints: string[] = [];
  const { signer } = testKey();
  const danger = { isOn: true };
  const azureFor = (life?: Life) => {
    const plain = sandboxHttpClient(sandbox);
    const httpClient = life ? life.http(plain) : plain;
    const naps = (ms: number, signal?: AbortSignal) => sleep(ms / 20, signal);
    const { subscription } = catalogue.azure;
    return createAzure({ credential: sandboxCredential, httpClient, sleep: naps, subscription, clock });
  };
  const workflowOf = (db: Database, azure: ReturnType<typeof azureFor>) => {
    const from = createReads(db);
    const deps = {
      catalogue: () => catalogue,
      lockOf: from.lockOf,
      versionsTaken: from.versionsTaken,
      medianBuildMs: from.duration,
      waitedBefore: from.waited,
      publishedBefore: from.schedules.published,
      recorded: async (image: string, version: string) =>
        (await from.recordedVersions(image)).get(version)?.fingerprint,
      outcomeOf: async (id: string) => (await from.run(id as RequestId))?.outcome ?? undefined,
      deciders: azure.directory.deciders,
      contents: from.contents,
    };
    return publishWorkflow(deps, { secondLookMs: leaseMs });
  };

  let count = 0;
  const replica = (): Replica => {
    const life: Life = new Life({
      ...{ random, leaseMs, danger: () => (danger.isOn ? dangerAfter(tally.kills + tally.freezes) : 0) },
      onDeath: () => {
        tally.kills += 1;
        void self.engine.drain();
      },
      onFreeze: () => {
        tally.freezes += 1;
      },
    });
    const own = life.database(database);
    const azure = azureFor(life);
    const parts = { database: own, clock, read: azure.read, write: azure.write };
    const workflow = workflowOf(own, azure);
    const engine = createEngine({
      ...{ ...parts, sleep, workflows: [workflow], owner: `replica-${++count}` },
      work: [reaper(parts), signatures({ database: own, clock, signer: () => signer })],
      settings: { leaseMs, renewMs: leaseMs / 4, pollMs: 25, backOffMs: 50 },
    });
    const deps = { database: own, clock, catalogue: () => catalogue, workflow };
    const schedules = publishSchedules({ ...deps, mayStart: mayStart(deps.catalogue) });
    const self: Replica = { life, engine, schedules, database: own };
    engine.start();
    return self;
  };
  let replicas: Replica[] = [];
  const fill = (): void => {
    replicas = replicas.filter(({ life }) => !life.dead);
    while (replicas.length < 2) replicas.push(replica());
  };

  const azure = azureFor();
  const control = createRunControl({
    ...{ database, clock, directory: azure.directory, catalogue: () => catalogue },
    workflows: [workflowOf(database, azure)],
  });
  const locks = createLockControl({ database, clock });
  const publish = (image: string, base: string | undefined) => {
    if (base !== undefined) {
      pins[image] = base;
      catalogue = monthsCatalogue(options.images, pins);
    }
    const { approval } = catalogue.images.find(({ name }) => name === image) ?? {};
    if (!approval) throw new Error(`no image ${image}`);
    const plan: PublishPlan = { request: {}, approvalChannel: approval.channel, fixed: null };
    const intent = randomUUID();
    return control.startOrJoin({ kind: 'publish', subject: image, plan, person: known.ada, intent });
  };
  const teams = createConversation({
    ...{ catalogue: () => catalogue, read: azure.read, reads, runs: control, clock, directory: azure.directory },
    ...{ tenants: [tenantId], house: healthyHouse },
  } as unknown as Deps);
  const screen: Screen = {
    card: async (topic) => {
      const { text, card } = await renderTopic(topic as never, reads, clock.now(), asDecider);
      return { text, buttons: buttonsOf(card) };
    },
    press: async (person, topic, { verb, data }) => {
      const conversation = { id: '19:channel', kind: 'channel' } as const;
      const turn = { person: { ...person, tenantId }, conversation, intent: randomUUID(), clicked: topic };
      const answer = await teams.handleAction(turn, verb, data);
      if (answer.kind === 'message' && answer.bug) throw answer.bug.error;
    },
  };
  const people = new People(control, random, publish, screen, options.slow);

  const messages = new Map<string, Message>();
  /** Posts and edits as the bot's delivery does, into the one channel that all these cards are for. */
  const deliver = async (): Promise<void> => {
    for (;;) {
      const card = await claimCard(database, { owner: 'teams', leaseMs: 60_000 });
      if (!card) return;
      const now = clock.now();
      const reply = await renderTopic(card.topic as never, reads, now, asDecider);
      const before = messages.get(card.topic);
      const message = drawn(before, { topic: card.topic, reply, now });
      const isNewRun = !before && card.topic.startsWith('run:');
      messages.set(card.topic, message);
      await cardShown(database, card, { conversationId: '19:channel', activityId: `m-${card.id}`, editPauseMs: 0 });
      if (isNewRun && danger.isOn) misfortune();
      people.read(message);
    }
  };
  /** For some runs there is something that Azure will not do at first. */
  const misfortune = (): void => {
    const fault = faults[Math.floor(random() * faults.length * 2.5)];
    if (!fault) return;
    tally.faults += 1;
    sandbox.faults.add(fault);
  };

  const behind = () =>
    database.query(
      `select id::text from run where ended_at is null and due_at <= $1
       union all select topic from card where wanted > shown and not unclear`,
      [clock.now()],
    );
  /** Until nothing is due at this moment. */
  const settle = async (): Promise<void> => {
    const isStill = stillness(database);
    for (;;) {
      fill();
      await deliver();
      if (await people.act(clock.now())) continue;
      const left = await behind();
      if (left.length === 0) return;
      if (await isStill()) throw new Error(`${clock.now().toISOString()}: ${JSON.stringify(left)} do not rest`);
      await sleep(10);
    }
  };
  /** Every replica looks after the schedules; whoever dies of it is replaced. */
  const look = async (): Promise<void> => {
    fill();
    const looks = replicas.map(({ schedules, database: own, life }) => {
      const log = (message: string, { error }: { readonly error?: unknown }) => {
        if (!life.dead) complaints.push(`${message}: ${String(error)}`);
      };
      return tick({ database: own, clock, kinds: [schedules], log }, { reconcile: true }).catch((error: unknown) => {
        if (!life.dead) throw error;
      });
    });
    await Promise.all(looks);
  };
  const dueNext = async (): Promise<Date | undefined> => {
    const [row] = await database.query<{ at: Date | null }>(
      'select min(due_at) as at from run where ended_at is null and due_at > $1',
      [clock.now()],
    );
    return row?.at ?? undefined;
  };
  const firesNext = async (): Promise<Date | undefined> => {
    const [row] = await database.query<{ at: Date | null }>(
      'select min(fires_at) as at from schedule where paused_at is null',
    );
    return row?.at ?? undefined;
  };

  await makeDefinitions();
  recordChanges();

  async function makeDefinitions(): Promise<void> {
    for (const { name, os, imageDefinition } of catalogue.images) {
      const { subscription, location, gallery } = catalogue.azure;
      const path = `/subscriptions/${subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}/images/${imageDefinition}`;
      const identifier = { publisher: 'Contoso', offer: os, sku: name };
      const properties = { osType: os, osState: 'Generalized', hyperVGeneration: 'V2', identifier };
      await ask(
        sandbox,
        'PUT',
        `${path}?api-version=2025-03-03`,
        { location, properties },
        { authorization: 'Bearer s' },
      );
    }
  }

  /** The sandbox keeps the newest exchanges alone. */
  function recordChanges(): void {
    const { exchanges } = sandbox;
    const push = exchanges.push.bind(exchanges);
    exchanges.push = (...more) => {
      for (const { method, url, status, requestBody: body } of more) {
        if (method !== 'GET' && status >= 200 && status < 300) changes.push({ method, url, body });
      }
      return push(...more);
    };
  }

  return {
    ...{
      catalogue,
      clock,
      database,
      reads,
      control,
      locks,
      people,
      messages,
      changes,
      complaints,
      tally,
      settle,
      look,
    },
    ...{ dueNext, firesNext },
    makePeace: () => {
      danger.isOn = false;
      sandbox.faults.clear();
    },
    /** Those that have been published, with what Azure says of each region. */
    versionsOf: async (image: ImageConfig): Promise<readonly GalleryVersion[]> => {
      const ref = imageRef(catalogue.azure, image);
      const all = await azure.read.versions(ref);
      const published = all.filter(({ tags }) => tags[versionTags.published] !== undefined);
      const looks = await Promise.all(published.map(({ version }) => azure.read.version(ref, version)));
      return looks.flatMap((version) => version ?? []);
    },
    leftoversOf: (image: ImageConfig) => {
      const { subscription, buildResourceGroup: resourceGroup, location } = catalogue.azure;
      return azure.read.leftovers({ subscription, resourceGroup, location }, imageRef(catalogue.azure, image));
    },
    async close(): Promise<void> {
      await Promise.all(replicas.map(({ engine }) => engine.drain()));
      await store.close();
    },
  };
}

/** A message after it was drawn anew. */
/** Only those who decide read these cards. */
const asDecider = async () => ({ as: 'decider' }) as const;

function drawn(before: Message | undefined, { topic, reply, now }: Drawing): Message {
  const buttons = buttonsOf(reply.card);
  const { text } = reply;
  const isAsBefore = before && before.text === text && hashOf(before.buttons) === hashOf(buttons);
  const said = before && before.text === text ? [] : [{ at: now, text }];
  return {
    ...{ topic, text, buttons, drawnAt: now },
    edits: before ? before.edits + (isAsBefore ? 0 : 1) : 0,
    sayings: [...(before?.sayings ?? []), ...said],
  };
}

interface Drawing {
  readonly topic: string;
  readonly reply: Reply;
  readonly now: Date;
}

export type MonthsWorld = Awaited<ReturnType<typeof monthsWorld>>;

const azureFault = (method: string, url: string, rest: Omit<Fault, 'match'>): Fault => ({
  match: { face: 'azure', method, url },
  ...rest,
});

/** What goes wrong in a year: builds that fail, machines that do not start, answers that are lost, a region that is down. */
const faults: readonly Fault[] = [
  azureFault('PUT', '/imageTemplates/', { lro: 'failed', times: 1 }),
  azureFault('PUT', '/imageTemplates/', { status: 503, times: 3 }),
  azureFault('PUT', '/imageTemplates/', { dropAfterAccept: true, times: 1 }),
  azureFault('PUT', '/virtualMachines/', { lro: 'failed', times: 1 }),
  azureFault('PUT', '/virtualMachines/', { status: 500, times: 2 }),
  azureFault('PUT', '/runCommands/', { status: 500, times: 2 }),
  azureFault('GET', '/galleries/', { status: 503, times: 6 }),
  azureFault('PATCH', '/versions/', { dropAfterAccept: true, times: 1 }),
  azureFault('PATCH', '/versions/', { status: 409, times: 1 }),
  azureFault('DELETE', '', { status: 500, times: 4 }),
];
