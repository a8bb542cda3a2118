import type { AzureRead, Deciders } from '../azure';
import type { Catalogue } from '../catalogue';
import type { Cloud } from '../cloud';
import { type Finding, type Look, type LookAt, look } from '../preflight';
import type { AgreedEnd } from '../runs';

/** What is looked at: everything that the catalogue names, and what goldbot is at work on. */
export interface House {
  readonly catalogue: Catalogue;
  /** Names of images that a run is at work on: what it makes is no finding. */
  readonly busy: ReadonlySet<string>;
  /** What goldbot has promised to take back when its end comes; nobody has said when absent. */
  readonly promised?: ReadonlySet<'right' | 'share'>;
  /** World time; no end is past while nobody says it. */
  readonly now?: Date;
  /** Whom Azure shows what is looked at, as in “to …”; goldbot's identity when absent. */
  readonly seenBy?: 'you';
}

/** What goldbot was started with, as far as a look needs it. */
export interface HouseSettings {
  /** What is missing or wrong in the settings, a sentence each. */
  readonly wrong: readonly string[];
  /** Mistakes in the catalogue's files, each with file and line; empty when they are in force as they are now. */
  readonly mistakes: readonly string[];
  /** Whether a goldbot is running, with what was in force before. */
  readonly isRunning: boolean;
  /** Id of the tenant that goldbot's own app is registered in; absent where there is none to compare with. */
  readonly tenant?: string;
  /** The Azure and Entra that goldbot is in. */
  readonly cloud: Cloud;
  /** What signs certificates where the catalogue names no key vault. */
  readonly localKey: boolean;
}

/** Whom the doctor asks. */
export interface DoctorRead {
  readonly azure: AzureRead;
  readonly house: HouseRead;
}

/** Questions to goldbot's own surroundings. */
export interface HouseRead {
  settings(): Promise<HouseSettings>;
  /** Never rejects because of the server: that it does not answer is an answer. */
  database(): Promise<DatabaseAnswer>;
  /** Undefined: goldbot has never run with this database. @throws UserError `DATABASE_SILENT` */
  channels(names: readonly string[]): Promise<readonly ChannelSeen[] | undefined>;
  /** Who is in a group. @throws UserError `DIRECTORY_SILENT`, with `facts.status` where Graph has refused. */
  deciders(group: string): Promise<Deciders>;
  /** What is wrong with a secret for webhooks, by the name of its variable, as the end of a sentence; never the secret. */
  webhookSecret(variable: string): Promise<string | undefined>;
  /** Receivers that did not get something. Undefined: goldbot has never run with this database. @throws UserError `DATABASE_SILENT` */
  receivers(): Promise<readonly ReceiverSeen[] | undefined>;
  /** Rights and shares whose end goldbot keeps. Undefined: goldbot has never run with this database. @throws UserError `DATABASE_SILENT` */
  ends(): Promise<readonly AgreedEnd[] | undefined>;
  /** Object id of goldbot's own identity in Azure, in lower case; undefined where nobody tells. */
  ownIdentity(): Promise<string | undefined>;
  /** Whether Entra gives the bot a token. Undefined: there is none to ask for. @throws UserError `AZ_SILENT` */
  botSignIn(): Promise<BotSignIn | undefined>;
}

/** A receiver of webhooks that has something to be sent, or did not get something. */
export interface ReceiverSeen {
  readonly receiver: string;
  /** How many events were given up. */
  readonly lost: number;
  /** The newest that was given up or failed last. */
  readonly trouble?: { readonly kind: string; readonly subject: string; readonly said: string; readonly at: Date };
}

/** What came of it when an app or identity asked Entra for a token as itself. */
export type SignIn =
  /** `tenant`: of the token, where it tells. */
  | { readonly kind: 'in'; readonly tenant?: string }
  /** `why`: a sentence of Entra's. */
  | { readonly kind: 'refused'; readonly why: string };

export interface BotSignIn {
  readonly appId: string;
  /** As the settings have it. */
  readonly tenant: string;
  readonly answer: SignIn;
}

export type DatabaseAnswer =
  /** `host`: name and port. `why`: `ECONNREFUSED`. */
  | { readonly kind: 'silent'; readonly host: string; readonly why: string }
  /** `why`: a sentence; with what mends it, where that is known. */
  | { readonly kind: 'refused'; readonly host: string; readonly why: string; readonly mend?: string }
  /** The server has no database of this name; goldbot makes it when it starts, if it may. */
  | { readonly kind: 'missing'; readonly host: string; readonly name: string; readonly mayBeMade: boolean }
  | ({ readonly kind: 'open' } & DatabaseState);

export interface DatabaseState {
  readonly host: string;
  /** Of the database. */
  readonly name: string;
  /** Whom goldbot is there. */
  readonly user: string;
  /** `server_version_num`: 150004 is 15.4. */
  readonly version: number;
  readonly encoding: string;
  readonly readOnly: boolean;
  /** It copies another server and takes no writes. */
  readonly isStandby: boolean;
  readonly mayCreateTables: boolean;
  /** Whether the connection uses TLS. */
  readonly isEncrypted: boolean;
  /** On this machine, by loopback. */
  readonly isLocal: boolean;
  readonly connections: { readonly used: number; readonly most: number };
  /** Migrations that have been made, and those that this goldbot knows. */
  readonly migrations: { readonly made: number; readonly known: number };
  /** Its clock, and this machine's at the same moment. */
  readonly clock: ClockReading;
}

/** A clock read over the network: `theirs` was so at some moment between `sent` and `answered` of this machine. */
export interface ClockReading {
  readonly theirs: Date;
  readonly sent: Date;
  readonly answered: Date;
}

/** A channel of the catalogue, as Teams has told about it. */
export interface ChannelSeen {
  readonly name: string;
  /** Null while no conversation is known to be meant. */
  readonly conversationId: string | null;
  /** Why nothing can be sent there; null when it works. */
  readonly parkedWhy: string | null;
  /** Conversations of the same name besides the one that is meant. */
  readonly others: number;
}

/** A subscription as Azure tells of it to who may see it. */
export interface Subscription {
  readonly name: string;
  /** `Enabled`, `Disabled`, `Warned`, `PastDue`, `Deleted`. */
  readonly state: string;
  /** Id of its tenant. */
  readonly tenant: string;
}

/** Questions about the subscription that builds, which the doctor alone asks. They throw UserError `AZ_…`. */
export interface SubscriptionRead {
  /** Undefined: there is none of this id that goldbot's identity may see. */
  subscription(id: string): Promise<Subscription | undefined>;
  /** Names of the regions that a subscription has: `westeurope`. */
  regions(subscription: string): Promise<readonly string[]>;
  /** Azure's clock beside this machine's. */
  azureClock(subscription: string): Promise<ClockReading>;
}

/** A look of the doctor. */
export type HouseLook = Look<House, DoctorRead>;

export function houseLook<Seen>(of: LookAt<Seen, House, DoctorRead>): HouseLook {
  return look(of);
}

/** One that needs neither the catalogue nor Azure. */
export function ownLook<Seen>(of: LookAt<Seen, unknown, OwnRead>): Look<unknown, OwnRead> {
  return look(of);
}

export type OwnRead = Pick<DoctorRead, 'house'>;

/** A finding that something does not exist: what else looks at it, or within it, is silent about that. */
export function missing(id: string, finding: Finding): Finding {
  return { ...finding, missing: id };
}

/** A finding with what comes of it, in a sentence. */
export function so(consequence: string, finding: Finding): Finding {
  return { ...finding, so: consequence };
}
