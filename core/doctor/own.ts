import { type Finding, stops, warns } from '../preflight';
import { seconds } from '../time';
import {
  type ClockReading,
  type DatabaseAnswer,
  type DatabaseState,
  type HouseSettings,
  houseLook,
  ownLook,
  so,
} from './house';

/** goldbot's own: the catalogue's files, the database, the clock, the key that signs. */

export const settings = ownLook<HouseSettings>({
  at: 'the settings',
  read: ({ house }) => house.settings(),
  judge: ({ wrong }) =>
    wrong.map((sentence) => so('goldbot does not start.', stops(`${sentence}.`, 'Set it as .env.sample shows.'))),
});

export const files = ownLook<HouseSettings>({
  at: 'the files of the catalogue',
  read: ({ house }) => house.settings(),
  judge: ({ mistakes, isRunning }) =>
    mistakes.map((mistake) =>
      isRunning
        ? so(
            'What was in force before stays in force; what was changed since is not.',
            stops(`The catalogue has a mistake: ${mistake}.`, 'Correct it; goldbot reads the files again by itself.'),
          )
        : so('goldbot does not start.', stops(`The catalogue has a mistake: ${mistake}.`, 'Correct it.')),
    ),
});

/** Documented in deploy/README.md; older ones lack what the statements use. */
const oldestVersion = 15;

/** What one replica holds at most. */
const connectionsOfAReplica = 10;

export const database = ownLook<DatabaseAnswer>({
  at: 'the database',
  read: ({ house }) => house.database(),
  judge: (answer) => {
    switch (answer.kind) {
      case 'open':
        return databaseFindings(answer);
      case 'missing':
        return answer.mayBeMade ? [] : [noDatabase(answer)];
      default:
        return [closed(answer)];
    }
  },
});

type Answer<Kind extends DatabaseAnswer['kind']> = Extract<DatabaseAnswer, { readonly kind: Kind }>;

function noDatabase({ host, name }: Answer<'missing'>): Finding {
  return so(
    'goldbot does not start.',
    stops(
      `The server ${host} has no database ${name}, and goldbot’s user may not make one.`,
      'Let the server’s administrator make it:',
      `az postgres flexible-server db create --resource-group <group> --server-name <server> --database-name ${name}`,
    ),
  );
}

function closed(answer: Answer<'silent' | 'refused'>): Finding {
  const { host, why } = answer;
  const isSilent = answer.kind === 'silent';
  const known = isSilent ? 'Start it, open its firewall or correct DATABASE_URL.' : answer.mend;
  return so(
    'goldbot accepts nothing: what cannot be kept would be lost.',
    stops(
      isSilent ? `The database server ${host} does not answer (${why}).` : `${why.replace(/\.$/, '')} (${host}).`,
      `${known ?? 'Correct user, password or database in DATABASE_URL, or let the server’s administrator let goldbot in.'} This tries it:`,
      'psql "$DATABASE_URL" --command "select 1"',
    ),
  );
}

const psql = (statement: string): string => `psql "$DATABASE_URL" --command '${statement}'`;
const server = '--resource-group <group> --server-name <server>';

function databaseFindings(state: DatabaseState): readonly Finding[] {
  return [
    ...versionFinding(state),
    ...writeFinding(state),
    ...rightFinding(state),
    ...settingFindings(state),
    ...connectionFindings(state),
    ...schemaFinding(state),
    ...skewFindings('the database server', state.clock),
  ];
}

function versionFinding({ version }: DatabaseState): readonly Finding[] {
  const major = Math.floor(version / 10_000);
  if (major >= oldestVersion) return [];
  return [
    so(
      'goldbot does not start, or fails later in the midst of a run.',
      stops(
        `The database server is PostgreSQL ${major}; goldbot needs ${oldestVersion} or newer.`,
        'Upgrade it; it is not reachable meanwhile:',
        'az postgres flexible-server upgrade --resource-group <group> --name <server> --version 17',
      ),
    ),
  ];
}

function writeFinding({ isStandby, readOnly, host, name }: DatabaseState): readonly Finding[] {
  const consequence = 'goldbot starts no run, and loses track of those that are open.';
  if (isStandby) {
    const why = `The database server ${host} is a standby, which takes no writes.`;
    return [
      so(
        consequence,
        stops(
          why,
          'Name the primary server in DATABASE_URL; this is “t” on a standby:',
          psql('select pg_is_in_recovery()'),
        ),
      ),
    ];
  }
  if (!readOnly) return [];
  const why = `The database ${name} takes no writes: sessions are read-only, which Azure also sets when the disk is nearly full.`;
  return [
    so(
      consequence,
      stops(
        why,
        'Give the server a larger disk; if somebody has set it, set it back:',
        'az postgres flexible-server update --resource-group <group> --name <server> --storage-size <GiB>',
        psql(`alter database "${name}" set default_transaction_read_only = off`),
      ),
    ),
  ];
}

function rightFinding({ mayCreateTables, user, name }: DatabaseState): readonly Finding[] {
  if (mayCreateTables) return [];
  return [
    so(
      'goldbot cannot make or change its tables: it does not start with a new version.',
      stops(
        `The user ${user} may not make tables in the database ${name}.`,
        'Let the server’s administrator allow it:',
        psql(`grant usage, create on schema public to "${user}"`),
      ),
    ),
  ];
}

function settingFindings({ encoding, name }: DatabaseState): readonly Finding[] {
  const found: Finding[] = [];
  if (encoding.toUpperCase() !== 'UTF8') {
    found.push(
      so(
        'Names and logs with letters of other languages cannot be kept: runs fail at them.',
        stops(
          `The database ${name} is in ${encoding}, not in UTF8.`,
          'Make another one and name it in DATABASE_URL; the encoding of one that is there cannot be changed:',
          psql('create database goldbot encoding utf8 template template0'),
        ),
      ),
    );
  }
  return found;
}

function connectionFindings({ isEncrypted, isLocal, connections }: DatabaseState): readonly Finding[] {
  const found: Finding[] = [];
  if (!isEncrypted && !isLocal) {
    found.push(
      so(
        'Whoever is on the way can read and change what goldbot keeps.',
        warns(
          'The connection to the database is not encrypted.',
          'End DATABASE_URL with `?sslmode=verify-full`, and let the server demand it:',
          `az postgres flexible-server parameter set ${server} --name require_secure_transport --value on`,
        ),
      ),
    );
  }
  const left = connections.most - connections.used;
  if (left < connectionsOfAReplica) {
    found.push(
      so(
        'A replica more finds no connection; those there are answer late.',
        warns(
          `The database server has ${Math.max(0, left)} of ${connections.most} connections left; each replica takes up to ${connectionsOfAReplica}.`,
          'Raise the limit; the server restarts for it:',
          `az postgres flexible-server parameter set ${server} --name max_connections --value ${connections.most + 50}`,
        ),
      ),
    );
  }
  return found;
}

function schemaFinding({ migrations: { made, known } }: DatabaseState): readonly Finding[] {
  if (made <= known) return [];
  return [
    so(
      'It goes on working beside replicas of the next version, and of no later one.',
      warns(
        `A newer goldbot has changed the tables: ${made} migrations are made, and this version knows ${known}.`,
        'Bring this replica to the version of the others.',
      ),
    ),
  ];
}

/** Entra's tokens are refused by then. */
const mostSkewMs = seconds(300);
const tolerableSkewMs = seconds(30);

/** How far this machine's clock is ahead, in milliseconds, at the least; headers tell whole seconds. */
function aheadBy({ theirs, sent, answered }: ClockReading): number {
  const [earliest, latest] = [theirs.getTime(), theirs.getTime() + seconds(1)];
  if (sent.getTime() > latest) return sent.getTime() - latest;
  return answered.getTime() < earliest ? answered.getTime() - earliest : 0;
}

function skewFindings(of: string, reading: ClockReading): readonly Finding[] {
  const ahead = aheadBy(reading);
  const off = Math.abs(ahead);
  if (off <= tolerableSkewMs) return [];
  const length = off < seconds(120) ? `${Math.round(off / 1_000)} seconds` : `${Math.round(off / 60_000)} minutes`;
  const why = `This machine’s clock is ${length} ${ahead > 0 ? 'ahead of' : 'behind'} that of ${of}.`;
  const mend = 'Let both follow a time server; on this machine:';
  const set = 'sudo timedatectl set-ntp true';
  if (off > mostSkewMs) {
    return [so('Tokens count as expired or not yet valid: Azure and Teams refuse goldbot.', stops(why, mend, set))];
  }
  return [so('Times on cards are off by as much; from five minutes on tokens are refused.', warns(why, mend, set))];
}

export const clock = houseLook<ClockReading>({
  at: 'Azure’s clock',
  read: ({ azure }, { catalogue }) => azure.azureClock(catalogue.azure.subscription),
  judge: (reading) => skewFindings('Azure', reading),
});

type Key = 'none' | 'local' | 'in the vault' | { readonly missing: string };

export const signing = houseLook<Key>({
  at: 'the key that signs certificates',
  read: async ({ azure, house }, { catalogue }) => {
    const id = catalogue.azure.provenance?.keyVaultKey;
    if (id === undefined) return (await house.settings()).localKey ? 'local' : 'none';
    return (await azure.vaultKey(id)) ? 'in the vault' : { missing: id };
  },
  judge: (key) => {
    const consequence = 'Versions are published unsigned, and `verify` says so.';
    if (key === 'local' || key === 'in the vault') return [];
    if (key === 'none') {
      return [
        so(
          consequence,
          warns(
            'No key is set to sign certificates with.',
            'Make one, and name it as `provenance.keyVaultKey` in azure.yaml:',
            'az keyvault key create --vault-name <vault> --name goldbot --kty EC --curve P-256 --ops sign verify',
          ),
        ),
      ];
    }
    return [
      so(
        consequence,
        stops(
          `There is no key ${key.missing}.`,
          'Correct `provenance.keyVaultKey` in azure.yaml; this lists the keys of the vault:',
          `az keyvault key list --vault-name ${/^https:\/\/([^./]+)/.exec(key.missing)?.[1] ?? '<vault>'} --output table`,
        ),
      ),
    ];
  },
});
