import { type ErrorCode, UserError } from '../core/errors';

/** What of an error of pg, of Node's TLS or of the server says what is wrong. */
interface Sign {
  /** SQLSTATE, or Node's own code. */
  readonly code?: RegExp;
  readonly text?: RegExp;
}

interface Trouble extends Sign {
  readonly message: string;
  /** For whoever runs goldbot. */
  readonly hint: string;
}

const principal =
  "An Entra administrator of the server runs “select * from pgaadauth_create_principal('<name of the identity>', false, false);” in its database postgres; the user in DATABASE_URL must be that name.";

/** The first that fits is told. What passes by itself is not among them: that is `DATABASE_SILENT`. */
const troubles: readonly Trouble[] = [
  {
    ...{ code: /^28/, text: /token.*expired/i },
    message: 'The token with which goldbot signs in to its database had expired before the server saw it.',
    hint: 'A fresh one is used for each connection: set the clock of this machine right, then start goldbot again.',
  },
  {
    ...{ code: /^28/, text: /audience/i },
    message: "goldbot's database does not take tokens of this cloud.",
    hint: 'Set GOLDBOT_CLOUD to the cloud that the server is in.',
  },
  {
    ...{ code: /^28/, text: /\btokens?\b/i },
    message: "goldbot's database does not take the token of goldbot's identity for the user in DATABASE_URL.",
    hint: principal,
  },
  {
    ...{ code: /^28/, text: /no pg_hba\.conf entry.*(no encryption|SSL off)/i },
    message: "goldbot's database takes encrypted connections alone.",
    hint: 'Add sslmode=verify-full to DATABASE_URL.',
  },
  {
    ...{ code: /^28/, text: /no pg_hba\.conf entry/i },
    message: "goldbot's database lets nobody in from this address with this user.",
    hint: 'Allow the address of goldbot (Azure: the firewall rules or the virtual network of the server; elsewhere: a line in pg_hba.conf).',
  },
  {
    ...{ code: /^28/, text: /role .* does not exist/i },
    message: "goldbot's database does not know the user in DATABASE_URL.",
    hint: `Correct the user, or make it. With a token of Entra: ${principal}`,
  },
  {
    code: /^28/,
    message: "goldbot's database refuses the user in DATABASE_URL or its password.",
    hint: `Correct them. Without a password there goldbot signs in with a token of its identity. ${principal}`,
  },
  {
    text: /server does not support SSL/i,
    message: "goldbot's database server speaks no TLS, which sslmode in DATABASE_URL asks for.",
    hint: 'Switch TLS on at the server (ssl = on, with a certificate); a proxy in between may lack it too.',
  },
  {
    code: /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE))$/,
    message: "The certificate of goldbot's database is of an authority that goldbot does not trust.",
    hint: "Add sslrootcert=<file with that authority's certificate in PEM> to DATABASE_URL, or name the file in NODE_EXTRA_CA_CERTS.",
  },
  {
    code: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    message: "The certificate of goldbot's database has expired or is not valid yet.",
    hint: 'Renew it at the server; if it is valid, set the clock of this machine right.',
  },
  {
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    message: "The certificate of goldbot's database is made out to another name than the one in DATABASE_URL.",
    hint: 'Write the name that the certificate has (Azure: <server>.postgres.database.azure.com); where it cannot have it, sslmode=verify-ca with sslrootcert leaves the name unchecked.',
  },
  {
    ...{ code: /^(EPROTO|ERR_SSL_\w+)$|^$/, text: /EPROTO|SSL routines|establishing an SSL connection/ },
    message: 'goldbot and its database do not agree on TLS.',
    hint: 'DATABASE_URL must name a PostgreSQL server with TLS 1.2 or newer, and its port.',
  },
  {
    code: /^3D000$/,
    message: "goldbot's database server does not have the database in DATABASE_URL.",
    hint: "Make it (create database goldbot encoding 'UTF8' template template0), owned by the user in DATABASE_URL.",
  },
  {
    ...{ code: /^42501$/, text: /create database/ },
    message: "goldbot's database does not exist, and its user may not make it.",
    hint: "Make it (create database goldbot encoding 'UTF8' template template0), owned by the user in DATABASE_URL.",
  },
  {
    code: /^42501$/,
    message: "goldbot's user may not make or use the tables in its database.",
    hint: 'Make it the owner (alter database goldbot owner to "<user>"; grant all on schema public to "<user>").',
  },
  {
    code: /^25006$/,
    message: "goldbot's database is read-only; nothing was accepted.",
    hint: 'Make it writable: more storage if it ran full (Azure makes a server read-only before that), the primary if DATABASE_URL names a replica.',
  },
  {
    code: /^53100$/,
    message: "goldbot's database has no room left; nothing was accepted.",
    hint: 'Give its server more storage (az postgres flexible-server update --storage-size …).',
  },
];

/** What the database may be told to be, for `docs/reference/troubles.md`. */
export const databaseTroubles: readonly Pick<Trouble, 'message' | 'hint'>[] = troubles;

/** What is wrong with the database, in words and with what to do; undefined for what passes or for a fault of goldbot. */
export function databaseTrouble(error: unknown): UserError | undefined {
  const { name, code, message } = (error ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  if (name === 'UserError') return undefined;
  const [state, text] = [typeof code === 'string' ? code : '', typeof message === 'string' ? message : ''];
  const found = troubles.find((sign) => (sign.code?.test(state) ?? true) && (sign.text?.test(text) ?? true));
  return found && refused(found.message, found.hint, error);
}

function refused(message: string, hint: string, cause?: unknown): UserError {
  return new UserError('DATABASE_REFUSED' satisfies ErrorCode, message, { hint, cause });
}

/** What a server says of itself. */
export interface ServerState {
  /** 150004 for 15.4 */
  readonly version: number;
  readonly encoding: string;
  readonly readOnly: boolean;
}

const oldest = 15;

/** @throws UserError `DATABASE_REFUSED` for a server that goldbot cannot work with, before anything is written into it. */
export function checkServer({ version, encoding, readOnly }: ServerState): void {
  const major = Math.floor(version / 10_000);
  if (major < oldest) {
    throw refused(
      `goldbot's database server is PostgreSQL ${major}; goldbot needs ${oldest} or newer.`,
      'Upgrade the server (Azure: az postgres flexible-server upgrade --version 17), then start goldbot again.',
    );
  }
  if (encoding !== 'UTF8') {
    throw refused(
      `goldbot's database has the encoding ${encoding}; names and logs of all languages need UTF8.`,
      "Make another one (create database goldbot encoding 'UTF8' template template0) and name it in DATABASE_URL.",
    );
  }
  if (readOnly) throw databaseTrouble({ code: '25006' });
}
