import { UserError } from '../../core/errors';
import { digestOf, type Signer } from '../../core/provenance';
import type { RequestId } from '../../core/runs';
import { days, hours, minutes } from '../../core/time';
import { signingAssignment } from '../../sandbox/azure/authorization/names';
import { vaultId, vaultName } from '../../sandbox/azure/names';
import { sandboxCredential } from '../../services';
import { type Held, insertRun, keepCertificate, wantCard } from '../../store';
import { createReads } from '../../store/reads';
import { signatures } from '../../workflows/publish';
import { ask } from '../sandbox/client';
import { wholeAzure } from '../services/whole-azure';
import { type TestDatabase, testDatabase } from '../store/database';
import { testKey } from '../support/signing';

/** How a certificate gets its signature: beside the run, and however long its key is silent. */

const start = new Date('2026-11-27T17:00:00Z');
const id = '/subscriptions/s/versions/1.6.0';
const payload = '{"_type":"https://in-toto.io/Statement/v1"}';
const run: RequestId = 'R-22222';
const terms = { owner: 'test', leaseMs: 10_000 };
const own = testKey();

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  await db.database.query('truncate request, run, card, certificate, signing_key cascade');
  await db.database.query(`insert into request (id, kind) values ($1, 'run')`, [run]);
  const stages = ['publish'];
  await insertRun(db.database, {
    ...{ id: run, kind: 'publish', subject: 'ubuntu-22', plan: {} },
    ...{ stages, stage: 'publish', now: start },
  });
  const digest = digestOf(payload);
  await keepCertificate(db.database, { versionId: id, runId: run, payload, digest, madeAt: start });
  await wantCard(db.database, { topic: `run:${run}`, channel: 'c', kind: 'run' });
});
afterAll(() => db.close());

function open(signer: () => Signer | undefined) {
  let now = start;
  const work = signatures({ database: db.database, clock: { now: () => now }, signer });
  const reads = createReads(db.database);
  return {
    reads,
    later: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    /** One try; false when none is due. */
    async look(): Promise<boolean> {
      const claimed = await work.claim(terms);
      await claimed?.work({} as Held);
      return claimed !== undefined;
    },
    kept: async () => (await reads.certificate(id.toUpperCase())) ?? Promise.reject(new Error('gone')),
    drawn: async () => (await db.database.query<{ wanted: number }>('select wanted from card'))[0]?.wanted,
  };
}

const refusing = (error: Error): Signer => ({ sign: () => Promise.reject(error) });
const silence = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });

it('is signed once, by the key of the moment, which is known from then on', async () => {
  const world = open(() => own.signer);
  const before = await world.drawn();
  expect(await world.look()).toBe(true);
  const { signature, dueAt, said } = await world.kept();
  expect([signature?.at, dueAt, said]).toEqual([start, undefined, undefined]);
  const keys = await world.reads.signingKeys();
  expect(keys.get(signature?.keyId ?? '')).toEqual({ id: signature?.keyId, kind: 'local', public: own.public });
  expect(await world.drawn()).toBeGreaterThan(before ?? 0);
  world.later(days(30));
  expect(await world.look()).toBe(false);
});

it('waits for a silent key ever longer, at most six hours, and says why only when that changes', async () => {
  let signer: Signer | undefined = refusing(silence);
  const world = open(() => signer);
  const waited: number[] = [];
  for (let last = start.getTime(); waited.length < 11; ) {
    expect(await world.look()).toBe(true);
    expect(await world.look()).toBe(false);
    const { dueAt, said } = await world.kept();
    expect(said).toBe('Azure did not answer in time.');
    waited.push((dueAt?.getTime() ?? 0) - last);
    last = dueAt?.getTime() ?? 0;
    world.later(waited.at(-1) ?? 0);
  }
  expect(waited.slice(0, 4)).toEqual([1, 2, 4, 8].map(minutes));
  expect(waited.slice(-2)).toEqual([hours(6), hours(6)]);
  const drawn = await world.drawn();
  await world.look();
  expect(await world.drawn()).toBe(drawn);
  signer = undefined;
  world.later(hours(6));
  await world.look();
  expect((await world.kept()).said).toBe('no key is set to sign with');
  expect(await world.drawn()).toBeGreaterThan(drawn ?? 0);
  signer = own.signer;
  world.later(hours(6));
  await world.look();
  expect((await world.kept()).signature).toBeDefined();
});

it('is given up after fourteen days, and is unsigned then', async () => {
  const world = open(() => refusing(silence));
  world.later(days(14) - minutes(1));
  await world.look();
  expect((await world.kept()).dueAt).toEqual(new Date(start.getTime() + days(14)));
  world.later(minutes(1));
  expect(await world.look()).toBe(true);
  const { dueAt, signature } = await world.kept();
  expect([dueAt, signature]).toEqual([undefined, undefined]);
  world.later(days(30));
  expect(await world.look()).toBe(false);
});

it('keeps no signature that does not fit its key, nor one for a statement that was replaced meanwhile', async () => {
  const stranger = testKey();
  const lying: Signer = {
    sign: async (message) => ({ ...(await stranger.signer.sign(message)), key: (await own.signer.sign(message)).key }),
  };
  const world = open(() => lying);
  await world.look();
  expect(await world.kept()).toMatchObject({ said: 'the key answered with a signature that does not fit' });

  const other = '{"another":true}';
  const replacing: Signer = {
    async sign(message) {
      const anew = { versionId: id, runId: run, payload: other, digest: digestOf(other), madeAt: start };
      await db.database.transaction((tx) => keepCertificate(tx, anew));
      return own.signer.sign(message);
    },
  };
  const second = open(() => replacing);
  second.later(hours(1));
  await second.look();
  expect(await second.kept()).toMatchObject({ payload: other, digest: digestOf(other) });
  expect((await second.kept()).signature).toBeUndefined();
});

it('is a bug, and no silence, when signing throws something else', async () => {
  const world = open(() => refusing(new TypeError('x is undefined')));
  await expect(world.look()).rejects.toThrow('x is undefined');
});

it('is signed in a key vault as soon as that lets goldbot, which says until then what it lacks', async () => {
  const azure = wholeAzure({ credential: sandboxCredential });
  azure.world.clock.advance(10);
  const roles = `${vaultId}/providers/Microsoft.Authorization/roleAssignments/${signingAssignment}?api-version=2022-04-01`;
  const role = (await ask(azure.sandbox, 'GET', roles)).body;
  await ask(azure.sandbox, 'DELETE', roles);
  const world = open(() => azure.signer(`https://${vaultName}.vault.azure.net/keys/goldbot`));
  await world.look();
  expect((await world.kept()).said).toMatch(
    /its identity has no role there\. Give goldbot’s identity the role Key Vault/,
  );
  const { properties } = role as { properties: { roleDefinitionId: string; principalId: string } };
  const { roleDefinitionId, principalId } = properties;
  expect((await ask(azure.sandbox, 'PUT', roles, { properties: { roleDefinitionId, principalId } })).status).toBe(201);
  azure.world.clock.advance(10);
  world.later(minutes(1));
  await world.look();
  const { signature } = await world.kept();
  expect(signature?.keyId).toMatch(/^https:\/\/kv-golden-images\.vault\.azure\.net\/keys\/goldbot\/[0-9a-f]{32}$/);
  expect((await world.reads.signingKeys()).get(signature?.keyId ?? '')?.kind).toBe('key vault');
});
