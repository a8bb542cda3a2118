import { clouds } from '../../core/cloud';
import type { DatabaseState, HouseRead } from '../../core/doctor';

const now = new Date('2026-11-29T09:00:00Z');

export const healthyDatabase: DatabaseState & { readonly kind: 'open' } = {
  ...{ kind: 'open', host: 'db.example:5432', name: 'goldbot', user: 'goldbot', version: 160_004, encoding: 'UTF8' },
  ...{ readOnly: false, isStandby: false, mayCreateTables: true, isEncrypted: true, isLocal: false },
  connections: { used: 5, most: 97 },
  migrations: { made: 13, known: 13 },
  clock: { theirs: now, sent: now, answered: now },
};

/** goldbot's surroundings as they are when nothing is wrong with them. */
export const healthyHouse: HouseRead = {
  settings: async () => ({ wrong: [], mistakes: [], isRunning: true, cloud: clouds.Public, localKey: true }),
  database: async () => healthyDatabase,
  channels: async (names) => names.map((name) => ({ name, conversationId: `19:${name}`, parkedWhy: null, others: 0 })),
  deciders: async () => ({ size: 'fits', count: 3, ids: [] }),
  webhookSecret: async () => undefined,
  receivers: async () => [],
  ends: async () => [],
  ownIdentity: async () => undefined,
  botSignIn: async () => undefined,
};
