import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { TokenCredential } from '@azure/core-auth';
import type { Person } from '../../core/access';
import type { GalleryVersion } from '../../core/azure';
import { type Catalogue, findImage } from '../../core/catalogue';
import { imageRef } from '../../core/images';
import type { Signer } from '../../core/provenance';
import {
  type ChangeRun,
  isOfKind,
  type PublishPlan,
  type PublishRequest,
  type PublishRun,
  type RequestId,
  type Run,
  type RunKind,
  type RunOfKind,
} from '../../core/runs';
import { sleep } from '../../core/time';
import { machineVerified, promotable } from '../../dialogs';
import { createSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import type { Exchange } from '../../sandbox/kernel/types';
import { type Azure, createAzure, sandboxCredential } from '../../services';
import { changesBeside, type Database, leaveTurn, takeTurn, wakeOpenRun } from '../../store';
import { createReads, type KnownLeftover, type Reads } from '../../store/reads';
import { accessEnds, changeWorkflow } from '../../workflows/change';
import type { EngineOptions } from '../../workflows/engine';
import { createEngine } from '../../workflows/engine';
import { certificateOfCandidate, publishWorkflow, reaper, signatures } from '../../workflows/publish';
import { createRunControl } from '../../workflows/start';
import { sandboxHttpClient } from '../sandbox/client';
import { testDatabase } from '../store/database';
import { mustBeAllowed } from './accesses';
import { exampleCatalogue } from './catalogue';
import { testKey } from './signing';
import { worldStart } from './world-start';

export const people = {
  ada: { oid: 'a1d0c000-0000-4000-8000-000000000001', name: 'Ada' },
  grace: { oid: 'a1d0c000-0000-4000-8000-000000000002', name: 'Grace' },
  heidi: { oid: 'a1d0c000-0000-4000-8000-000000000003', name: 'Heidi' },
  judy: { oid: 'a1d0c000-0000-4000-8000-000000000007', name: 'Judy' },
} satisfies Record<string, Person>;

/** A minute of the world in 40 ms: a publish takes seconds, and goldbot is still quicker than Azure. */
const speed = 1_500;
const patienceMs = 50_000;
const waitsForPeople = new Set(['approve', 'repair', 'hold']);

/** The workflow of changes, as app/ puts it together. */
export function changesOver({
  database,
  reads,
  azure,
  catalogue,
}: {
  readonly database: Database;
  readonly reads: Reads;
  readonly azure: Azure;
  readonly catalogue: () => Catalogue;
}) {
  return changeWorkflow({
    catalogue,
    lockOf: (image) => reads.lockOf(image),
    takeTurn: (image, run) => takeTurn(database, image, run),
    leaveTurn: (image, run) => leaveTurn(database, image, run),
    ends: accessEnds(database),
    deciders: azure.directory.deciders,
    outcomeOf: async (id) => (await reads.run(id as RequestId))?.outcome ?? undefined,
    asks: reads.asks,
    beside: (run) => changesBeside(database, run),
    wake: (run, now) => wakeOpenRun(database, run, now),
    deferral: (team, image) => reads.deferral(team, image),
    readings: reads.readings,
    isShown: (topic) => reads.isShown(topic),
    recorded: async (image, version) => (await reads.recordedVersions(image)).get(version)?.fingerprint,
    promotable: (image, version) => promotable({ image, version }, { reads, read: azure.read }),
    certified: (of) => certificateOfCandidate(of, reads),
    verified: (machine) => machineVerified({ ...machine, gaps: [] }, { reads, read: azure.read }),
  });
}

/** The publish run on the real services against the sandbox, without Teams and without ports. */
export async function azureWorld(
  options: {
    readonly catalogue?: () => Catalogue;
    readonly at?: Required<EngineOptions>['at'];
    /**
     * The world's time passes by itself, a minute in 40 ms, for what waits for people. Without it, the time moves when a test
     * waits for a run, and to when that looks again: what a machine takes for something is no time of the world.
     */
    readonly moves?: boolean;
    /** Who signs certificates; a key of this process when absent. */
    readonly signer?: () => Signer | undefined;
    /** Called before goldbot starts: another tenant than the story's. */
    readonly prepare?: (sandbox: Sandbox) => Promise<void>;
    /** As whom goldbot asks Azure; the identity that the sandbox begins with when absent. */
    readonly credential?: TokenCredential;
    /** Queries of Resource Graph in five seconds of the world, which runs ahead of goldbot's pace; Azure's when absent. */
    readonly queries?: number;
  } = {},
) {
  const { sandbox, world } = createSandbox({
    ...{ speed: options.moves ? speed : 0, startMs: worldStart },
    ...(options.queries !== undefined && { azure: { resourceGraph: { queries: options.queries } } }),
  });
  await options.prepare?.(sandbox);
  const { database, close } = await testDatabase();
  const catalogue = options.catalogue ?? exampleCatalogue;
  const clock = world.clock;
  const { signer: own } = testKey();
  const { signer = () => own } = options;
  const azure: Azure = createAzure({
    credential: options.credential ?? sandboxCredential,
    httpClient: sandboxHttpClient(sandbox),
    // How long a look waits between its tries is what its own tests are about.
    sleep: (ms, signal) => sleep(ms / 20, signal),
    subscription: catalogue().azure.subscription,
    clock,
  });
  const reads = createReads(database);
  const workflows = [
    publishWorkflow(
      {
        catalogue,
        lockOf: (image) => reads.lockOf(image),
        versionsTaken: (image) => reads.versionsTaken(image),
        medianBuildMs: (image) => reads.duration(image),
        waitedBefore: (image) => reads.waited(image),
        publishedBefore: reads.schedules.published,
        recorded: async (image, version) => (await reads.recordedVersions(image)).get(version)?.fingerprint,
        outcomeOf: async (id) => (await reads.run(id as RequestId))?.outcome ?? undefined,
        deciders: azure.directory.deciders,
        contents: reads.contents,
      },
      { secondLookMs: 50 },
    ),
    changesOver({ database, reads, azure, catalogue }),
  ];
  const control = createRunControl({ database, clock, directory: azure.directory, workflows, catalogue });
  let held: { readonly stage: string; isReached: boolean; readonly released: Promise<void> } | undefined;
  const stepped = new EventEmitter().setMaxListeners(100);
  const begin = () => {
    const engine = createEngine({
      database,
      clock,
      sleep,
      read: azure.read,
      write: azure.write,
      workflows,
      work: [
        reaper({ database, clock, read: azure.read, write: azure.write }),
        signatures({ database, clock, signer }),
      ],
      owner: 'test',
      at: async (boundary, claimed) => {
        if (boundary.startsWith('after')) stepped.emit('step');
        await options.at?.(boundary, claimed);
        if (boundary !== 'claimed' || claimed.run.stage !== held?.stage) return;
        held.isReached = true;
        await held.released;
      },
      settings: { pollMs: 25, backOffMs: 50 },
    });
    engine.start();
    return engine;
  };
  let engine = begin();

  const anyRun = async (id: RequestId): Promise<Run> => {
    const found = await reads.run(id);
    if (!found) throw new Error(`no run ${id}`);
    return found;
  };
  const ofKind = <Kind extends RunKind>(kind: Kind, found: Run): RunOfKind<Kind> => {
    if (!isOfKind(found, kind)) throw new Error(`${found.id} is no ${kind}`);
    return found;
  };
  const run = async (id: RequestId) => ofKind('publish', await anyRun(id));

  /** Nobody waits for Azure: the world's time jumps to when the run looks again. People's time passes as ever. */
  const hurry = ({ stage, dueAt }: Run): void => {
    if (!waitsForPeople.has(stage)) clock.advance((dueAt.getTime() - clock.nowMs()) / 60_000);
  };

  const untilAny = async (id: RequestId, what: (run: Run) => boolean | Promise<boolean>): Promise<Run> => {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      const looked = new AbortController();
      const next = once(stepped, 'step', { signal: looked.signal }).catch(() => {});
      const now = await anyRun(id);
      const found = await what(now);
      if (!found && !now.endedAt) {
        hurry(now);
        await Promise.race([next, sleep(25, looked.signal)]);
      }
      looked.abort();
      if (found) return now;
      if (now.endedAt) break;
    }
    const { stage, data, lastError } = await anyRun(id);
    throw new Error(`${id} stays in ${stage}: ${JSON.stringify({ data, error: lastError })}`);
  };

  return {
    sandbox,
    world,
    database,
    azure,
    reads,
    control,
    clock,
    workflows,
    run,
    /** No replica is there for so many minutes of the world; then another one is. */
    async down(minutes: number): Promise<void> {
      await engine.drain();
      clock.advance(minutes);
      engine = begin();
    },
    async publish(request: PublishRequest = {}, person: Person = people.ada, image = 'ubuntu-22') {
      const plan: PublishPlan = { request, approvalChannel: 'Image Factory / approvals', fixed: null };
      const started = await control.startOrJoin({
        kind: 'publish',
        subject: image,
        plan,
        person,
        intent: randomUUID(),
      });
      return started.run;
    },
    async until(id: RequestId, what: (run: PublishRun) => boolean | Promise<boolean>): Promise<PublishRun> {
      return ofKind('publish', await untilAny(id, (now) => what(ofKind('publish', now))));
    },
    untilAny,
    stage(id: RequestId, stage: string) {
      return this.until(id, (r) => r.stage === stage);
    },
    /** Stops the run where the stage's first step is claimed and has not begun. Gives what lets it go on. */
    async hold(id: RequestId, stage: string): Promise<() => void> {
      let release = () => {};
      const released = new Promise<void>((done) => {
        release = done;
      });
      held = { stage, isReached: false, released };
      await this.until(id, () => held?.isReached === true);
      return () => {
        held = undefined;
        release();
      };
    },
    end(id: RequestId) {
      return this.until(id, (r) => r.endedAt !== null);
    },
    async approve(id: RequestId, person: Person = people.grace) {
      await untilAny(id, (r) => r.stage === 'approve');
      await this.asked(id);
      return control.decide({ request: id, person, verdict: 'approve', via: 'text', intent: randomUUID() });
    },
    async endOfChange(id: RequestId): Promise<ChangeRun> {
      return ofKind('change', await untilAny(id, (r) => r.endedAt !== null));
    },
    async asked(id: RequestId) {
      for (;;) {
        const [newest] = await reads.approvalsOfRun(id);
        if (newest?.status === 'pending') return newest;
        await sleep(15);
      }
    },
    /** The certificate of a version, once it is signed: that happens beside the run. */
    async certificate(versionId: string) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const found = await reads.certificate(versionId);
        if (found?.signature) return found;
        if (Date.now() > deadline) throw new Error(`${versionId} has ${found ? 'an unsigned' : 'no'} certificate`);
        await sleep(20);
      }
    },
    async versions(image = 'ubuntu-22'): Promise<ReadonlyMap<string, GalleryVersion>> {
      const config = findImage(catalogue(), image);
      if (!config) throw new Error(`no image ${image}`);
      const all = await azure.read.versions(imageRef(catalogue().azure, config));
      return new Map(all.map((v) => [v.version, v]));
    },
    /** What was asked of Azure that changes something. */
    changes(method: string, path: RegExp): readonly Exchange[] {
      return sandbox.exchanges.filter((e) => e.method === method && path.test(e.url) && e.status < 400);
    },
    /** Names of what still carries the run's id. */
    async leftovers(id: RequestId): Promise<readonly string[]> {
      const { azure: where } = catalogue();
      const place = {
        subscription: where.subscription,
        resourceGroup: where.buildResourceGroup,
        location: where.location,
      };
      const config = findImage(catalogue(), 'ubuntu-22');
      if (!config) throw new Error('no ubuntu-22');
      const all = await azure.read.leftovers(place, imageRef(where, config));
      return all.filter((l) => l.runId === id).map((l) => l.name);
    },
    /** What the reaper knows of something, once it is gone; the world's time jumps to each of its looks. */
    async reaped(name: string): Promise<KnownLeftover> {
      return this.leftover(name, (left) => left.goneAt !== null);
    },
    /** The same, once it is as described. */
    async leftover(name: string, what: (left: KnownLeftover) => boolean): Promise<KnownLeftover> {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const left = (await reads.leftovers({ gone: true })).find((l) => l.name === name);
        if (left && what(left)) return left;
        if (Date.now() > deadline) throw new Error(`${name} is ${JSON.stringify(left)}`);
        if (left) clock.advance((left.dueAt.getTime() - clock.nowMs()) / 60_000);
        await sleep(10);
      }
    },
    async close() {
      await engine.drain();
      await close();
      mustBeAllowed(sandbox.exchanges, catalogue());
    },
  };
}

export type AzureWorld = Awaited<ReturnType<typeof azureWorld>>;
