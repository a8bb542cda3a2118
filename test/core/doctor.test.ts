import { type DatabaseAnswer, examineWithoutCatalogue, type HouseRead } from '../../core/doctor';
import { healthyDatabase, healthyHouse } from '../support/house';

/** What the doctor says of goldbot's own, where no sandbox can be brought to be so. */
const found = async (house: Partial<HouseRead>) =>
  (await examineWithoutCatalogue({ ...healthyHouse, ...house })).findings;

const database = (change: Partial<typeof healthyDatabase>): Partial<HouseRead> => ({
  database: async (): Promise<DatabaseAnswer> => ({ ...healthyDatabase, ...change }),
});
const answer = (said: DatabaseAnswer): Partial<HouseRead> => ({ database: async () => said });
const host = 'db.example:5432';
const now = healthyDatabase.clock.sent;
const clockAhead = (seconds: number) => {
  const here = later(seconds);
  return database({ clock: { theirs: now, sent: here, answered: here } });
};
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const settings = (change: object): Partial<HouseRead> => ({
  settings: async () => ({ ...(await healthyHouse.settings()), ...change }),
});

type Row = readonly [what: string, house: Partial<HouseRead>, severity: string, why: string, command: string];
const rows: readonly Row[] = [
  [
    'that is away',
    answer({ kind: 'silent', host, why: 'ECONNREFUSED' }),
    'stops',
    'The database server db.example:5432 does not answer (ECONNREFUSED).',
    'psql',
  ],
  [
    'that refuses',
    answer({ kind: 'refused', host, why: 'password authentication failed for user "goldbot"' }),
    'stops',
    'password authentication failed for user "goldbot" (db.example:5432).',
    'psql',
  ],
  [
    'that is not there and may not be made',
    answer({ kind: 'missing', host, name: 'goldbot', mayBeMade: false }),
    'stops',
    'has no database goldbot',
    'az postgres flexible-server db create',
  ],
  [
    'that is too old',
    database({ version: 140_011 }),
    'stops',
    'is PostgreSQL 14; goldbot needs 15 or newer',
    'az postgres flexible-server upgrade',
  ],
  [
    'that is read-only',
    database({ readOnly: true }),
    'stops',
    'takes no writes: sessions are read-only',
    '--storage-size',
  ],
  ['that is a standby', database({ isStandby: true, readOnly: true }), 'stops', 'is a standby', 'pg_is_in_recovery'],
  [
    'in which no tables may be made',
    database({ mayCreateTables: false }),
    'stops',
    'The user goldbot may not make tables',
    'grant usage, create on schema public to "goldbot"',
  ],
  ['of another encoding', database({ encoding: 'LATIN1' }), 'stops', 'is in LATIN1, not in UTF8', 'create database'],
  [
    'whose connection is open to others',
    database({ isEncrypted: false }),
    'warns',
    'is not encrypted',
    'require_secure_transport',
  ],
  [
    'without free connections',
    database({ connections: { used: 88, most: 97 } }),
    'warns',
    'has 9 of 97 connections left',
    'max_connections',
  ],
  [
    'of a newer goldbot',
    database({ migrations: { made: 14, known: 13 } }),
    'warns',
    '14 migrations are made, and this version knows 13',
    '',
  ],
  [
    'whose clock is behind',
    clockAhead(32),
    'warns',
    'This machine’s clock is 31 seconds ahead of that of the database server',
    'timedatectl',
  ],
  [
    'whose clock is ahead by what tokens bear',
    clockAhead(-300),
    'warns',
    'This machine’s clock is 5 minutes behind that of the database server',
    'timedatectl',
  ],
  [
    'whose clock is far ahead',
    clockAhead(-301),
    'stops',
    'This machine’s clock is 5 minutes behind that of the database server',
    'timedatectl',
  ],
];

describe('the doctor and a database', () => {
  it.each(rows)('%s', async (_, house, severity, why, command) => {
    const [finding, ...others] = await found(house);
    expect([finding?.severity, others]).toEqual([severity, []]);
    expect(finding?.why).toContain(why);
    expect(finding?.commands.join('\n')).toContain(command);
  });

  it.each([
    ['of this version', database({ version: 150_000 })],
    ['on this machine, without TLS', database({ isEncrypted: false, isLocal: true })],
    ['with connections for one replica', database({ connections: { used: 87, most: 97 } })],
    ['that goldbot makes at its first start', answer({ kind: 'missing', host, name: 'goldbot', mayBeMade: true })],
    ['whose clock is within what headers tell', clockAhead(31)],
    ['that took a minute to answer', database({ clock: { theirs: later(1), sent: now, answered: later(60) } })],
  ])('%s has nothing to say', async (_, house) => {
    expect(await found(house)).toEqual([]);
  });
});

describe('the doctor and what goldbot is started with', () => {
  it('tells each setting and each mistake in the catalogue by itself', async () => {
    const wrong = ['GOLDBOT_TENANTS is missing: ids of the tenants', 'PORT must be a port number (port)'];
    const all = await found(settings({ wrong, mistakes: ['azure.yaml:3: location must be …'], isRunning: false }));
    expect(all.map(({ why }) => why)).toEqual([
      'GOLDBOT_TENANTS is missing: ids of the tenants.',
      'PORT must be a port number (port).',
      'The catalogue has a mistake: azure.yaml:3: location must be ….',
    ]);
    expect(all.map((one) => one.so)).toEqual(Array(3).fill('goldbot does not start.'));
  });

  it('says that a running goldbot goes on with what was in force', async () => {
    const [finding] = await found(settings({ mistakes: ['azure.yaml:3: x'], isRunning: true }));
    expect(finding?.so).toBe('What was in force before stays in force; what was changed since is not.');
  });
});
