import { z } from 'zod';
import type { Reply } from '../../cards';
import type { Caller, Rights } from '../../core/access';
import type { AuditRecord } from '../../core/audit';
import type { AzureRead, Directory } from '../../core/azure';
import type { Catalogue, Role } from '../../core/catalogue';
import { type CommandCall, optionName, type Values, type Verb, verbs } from '../../core/command-call';
import type { HouseRead } from '../../core/doctor';
import type { UserError } from '../../core/errors';
import { type BasesRead, isVersion } from '../../core/images';
import type { AsksTopic, EndingsTopic, ParityTopic } from '../../core/lifecycle';
import type { CallTopic } from '../../core/mentions';
import type { AlterationTopic, CheckpointTopic } from '../../core/provenance';
import { parseRequestId, type RequestId, type Run, type SharedTopic } from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
import type { Clock } from '../../core/time';
import type { Reads } from '../../store/reads';
import type {
  ChannelControl,
  DelegationControl,
  DigestControl,
  FollowControl,
  LockControl,
  RunControl,
  ScheduleControl,
  SubscriptionControl,
  WebhookControl,
} from '../../workflows/start';

/** What a live card is about: showing it means rendering the current state of this. */
export type Topic =
  | `run:${RequestId}`
  | `approval:${RequestId}`
  | SharedTopic
  | `news:${RequestId}:${string}`
  | `digest:${RequestId}`
  | `schedule:${string}:${string}`
  | EndingsTopic
  | AsksTopic
  | `told:${string}`
  | CallTopic
  | CheckpointTopic
  | AlterationTopic
  | ParityTopic;

/** Who said or clicked what where. All of it comes from the signed activity, nothing from a card. */
export interface Turn {
  readonly person: Caller;
  readonly conversation: Conversation;
  /** What makes the act unique: the same intent again is the same act. */
  readonly intent: string;
  readonly locale?: string;
  readonly timeZone?: string;
  /**
   * For a click: the topic under which goldbot posted the clicked message in this conversation, null when it posted no
   * live card there. Absent: nobody looked.
   */
  readonly clicked?: string | null;
  /** Of a message: whom it mentions besides goldbot, in order. Asks Teams, and never rejects for what Teams does. */
  readonly mentioned?: () => Promise<readonly MentionedPerson[]>;
}

/** Somebody whom a message mentions; without an object id where Teams did not say who that is. */
export interface MentionedPerson {
  readonly name: string;
  readonly oid?: string;
}

export interface Conversation {
  readonly id: string;
  readonly threadId?: string;
  /** `program`: no conversation of Teams; whoever asks there reads the answer itself, and nothing can be posted. */
  readonly kind: 'channel' | 'personal' | 'group' | 'program';
  /** `Image Factory / General`. */
  readonly name?: string;
}

export interface CommandContext extends Turn {
  readonly rights: Rights;
  /** True when the directory was silent: the person then has no rights. Only commands for everybody get that far. */
  readonly rightsUnknown: boolean;
  readonly via: 'text' | 'button';
  /** The plan hash that a button carried. */
  readonly hash?: string;
  /** World time. */
  readonly now: Date;
  /** Every command of this version. */
  readonly commands: readonly Command[];
}

export interface Answer extends Reply {
  /** Present if the message is to live on as the card of a run or an approval. */
  readonly topic?: Topic;
  /** What was asked, where it can be asked again to the same end: a way back leads to it. */
  readonly call?: CommandCall;
  /** After a click: it takes the place of the clicked card, for the person who clicked and for nobody else. */
  readonly inPlace?: true;
  /** After a click: one line for the person who clicked, and nothing for the others, who see what came of it on the card. */
  readonly toClicker?: string;
  /** What agrees to the plan that is shown: a program presses no button. */
  readonly agree?: CommandCall;
  /** What a program makes of it, where that is more than that it was answered. */
  readonly outcome?: {
    readonly yes: boolean;
    readonly request?: RequestId;
    /** The version that is the answer. */
    readonly version?: VersionFacts;
  };
}

/** A version as programs use it. */
export interface VersionFacts {
  readonly image: string;
  readonly version: string;
  /** Resource id. */
  readonly id: string;
  /** Where no flag keeps it out of latest, as Azure displays them. */
  readonly regions: readonly string[];
  /** SHA-256 of its certificate; absent when none is known. */
  readonly certificate?: string;
  /** ISO 8601. */
  readonly endOfLife?: string;
}

/** How long the outside may take in total, in milliseconds: for the first answer, and then for the whole of it. */
export interface Patience {
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** What the conversation needs from the rest of goldbot. */
export interface Deps {
  /** The catalogue in force at this moment. */
  catalogue(): Catalogue;
  /** Each read throws `AZ_SILENT` once the time of the turn is over. */
  readonly read: AzureRead & BasesRead;
  readonly reads: Reads;
  readonly runs: RunControl;
  readonly digests: DigestControl;
  readonly schedules: ScheduleControl;
  readonly channels: ChannelControl;
  readonly locks: LockControl;
  readonly follows: FollowControl;
  readonly subscriptions: SubscriptionControl;
  readonly delegations: DelegationControl;
  readonly webhooks: WebhookControl;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'memberOf'>;
  /** Of goldbot's own surroundings; late as `read` is. */
  readonly house: HouseRead;
  /** Who is in a group that decides. */
  readonly deciders: Directory['deciders'];
  /** Groups by name or object id. */
  readonly groups: Directory['groups'];
  /** Tenants that goldbot serves; the front door checks first, this is the second lock. */
  readonly tenants: readonly string[];
  /** Each try of a command is a span. */
  readonly telemetry?: Telemetry;
  /** Machine time; as long as people wait when absent. */
  readonly patience?: Patience;
  /** Records a refusal that happened before any run was touched. */
  audit?(entry: RefusalEntry): Promise<void>;
  /** Records what is about to be shown; what cannot be recorded is not shown. */
  looked?(look: Looked): Promise<void>;
}

/** What somebody was shown of teams that are not theirs. */
export interface Looked extends Pick<AuditRecord<'look'>, 'who'> {
  readonly verb: Verb;
  /** Null: machines of no team. */
  readonly teams: readonly (string | null)[];
}

export type RefusalEntry = Omit<AuditRecord<'refuse'>, 'at'>;

/**
 * What a command costs others while it is answered; limits go by it. `decision`: about what others wait for, and so never
 * behind a question. `look`: goldbot's own books alone. `azure`: a look that asks Azure or the directory. `export`: a look
 * that goes through a whole record. `change`: starts something or changes what goldbot keeps.
 */
export type CommandPace = 'decision' | 'look' | 'azure' | 'export' | 'change';

interface CommandData {
  readonly verb: Verb;
  readonly aliases?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Where help lists it. */
  readonly group: 'Publish' | 'Comply' | 'Look' | 'Decide' | 'Ask';
  readonly role: Role | 'all';
  readonly effect: 'read' | 'write';
  /** When absent: `change` if it writes, `azure` if it reads. */
  readonly pace?: CommandPace;
  /**
   * Acts on the plan that its card shows, so a click counts only with that plan's hash. `planned`: a card
   * from before the plan was fixed carries none.
   */
  readonly hash?: 'always' | 'planned';
  /** Whether a program may ask for it. When absent: whatever changes nothing. Never for what decides. */
  readonly programs?: boolean;
  /** Ends or refuses something: its form has a red button. */
  readonly destructive?: boolean;
  readonly examples: readonly string[];
}

/** A verb's arguments that need no option name are in `verbs` of core/command-call.ts; each is in the schema. */
type ShapeOf<V extends Verb> = z.ZodRawShape & Readonly<Record<(typeof verbs)[V][number], z.ZodType>>;

export interface CommandSpec<V extends Verb, Shape extends ShapeOf<V>> extends CommandData {
  readonly verb: V;
  /** The options and arguments; each says by its kind what it means. */
  readonly args: z.ZodObject<Shape>;
  /** For commands about a run: a truer reason to refuse than a missing role, such as an actor who may not decide. */
  refusal?(ctx: CommandContext, run: Run, values: Values): UserError | undefined;
  /** Why this person may not do it to what the values name: asked before a form asks them for the rest. */
  mayNot?(ctx: CommandContext, values: Values, catalogue: Catalogue): UserError | undefined;
  run(ctx: CommandContext, args: z.output<z.ZodObject<Shape>>, deps: Deps): Promise<Answer>;
}

/** A command as the router sees it: data first, and one function that checks its values. */
export interface Command extends CommandData {
  readonly pace: CommandPace;
  readonly args: readonly ArgInfo[];
  refusal(ctx: CommandContext, run: Run, values: Values): UserError | undefined;
  mayNot(ctx: CommandContext, values: Values, catalogue: Catalogue): UserError | undefined;
  /** What is wrong with these values, by argument; empty when nothing is. */
  problems(values: Values): readonly z.core.$ZodIssue[];
  run(ctx: CommandContext, values: Values, deps: Deps): Promise<Answer>;
}

/** One file, one command. Help, forms, docs, authorisation and audit read the data; the types of `args` come from the schema. */
export function defineCommand<V extends Verb, Shape extends ShapeOf<V>>(spec: CommandSpec<V, Shape>): Command {
  const { args, refusal, mayNot, run, ...data } = spec;
  return {
    ...data,
    pace: data.pace ?? (data.effect === 'write' ? 'change' : 'azure'),
    args: describeArgs(args, verbs[data.verb]),
    refusal: (ctx, about, values) => refusal?.(ctx, about, values),
    mayNot: (ctx, values, catalogue) => mayNot?.(ctx, values, catalogue),
    problems: (values) => args.safeParse(values).error?.issues ?? [],
    run: async (ctx, values, deps) => run(ctx, args.parse(values), deps),
  };
}

/**
 * `day`: on a calendar, from tomorrow on, beginning with the day that the example means. `moment`: on a calendar and a
 * clock, beginning with the next one that the example means. `team`: among the teams that the person sees. The others are
 * found by typing a few letters of them.
 */
export type Picker = 'day' | 'moment' | 'team' | Dataset;

/** Of a moment, the input that holds the time beside the one that holds the day. */
export const timeInput = (name: string): string => `${name}.time`;

/** What forms look up while somebody types; the word that stands in their cards. */
export type Dataset = 'machines' | 'people' | 'policies' | 'remedies' | 'zones';

/** What an argument means to the grammar, to forms and to the docs. */
export interface ArgMeta {
  readonly kind: 'image' | 'ref' | 'version' | 'request' | 'text' | 'list' | 'choice' | 'flag' | 'number' | 'word';
  readonly label: string;
  /** How a value looks in the usage line: `x.y.z`. */
  readonly value?: string;
  /** What it wants, in words: `a whole number from 1 to 100`. */
  readonly takes: string;
  /** A value that is accepted. */
  readonly example: string;
  /** False: typed only; forms do not ask for it. */
  readonly form?: boolean;
  /** What a form offers for a word, best first; it takes nothing else there. */
  readonly offers?: readonly string[];
  /** How a form offers it; by its kind when absent. */
  readonly pick?: Picker;
  /** Set by goldbot's own buttons, to say that a person has seen something: no card repeats it. */
  readonly machinery?: boolean;
  /** Somebody whom the message mentions is meant, where nobody is named: the value is their object id. */
  readonly mention?: boolean;
  /** Not for programs. */
  readonly people?: boolean;
  /** Understood, but absent from help, docs and forms. */
  readonly hidden?: boolean;
}

export interface ArgInfo extends ArgMeta {
  readonly name: string;
  readonly positional: boolean;
  readonly required: boolean;
  readonly choices: readonly string[];
}

/** Gives a schema its meaning. */
function arg<Schema extends z.ZodType>(schema: Schema, meta: ArgMeta): Schema {
  return schema.meta({ ...meta });
}

const short = z.string().trim().min(1);

/** The name of an image; the router has turned an alias into it. */
export const imageName = arg(short.max(64), {
  kind: 'image',
  label: 'Image',
  value: 'image',
  takes: 'the name of an image',
  example: 'ubuntu-22',
});

/** `ubuntu-22@1.6.0`, `ubuntu-22 1.6.0` or `ubuntu-22`; comes out as image and version (absent: the latest). */
export const imageRef = arg(short.max(120), {
  kind: 'ref',
  label: 'Image and version',
  value: 'image@version',
  takes: 'an image, optionally with a version',
  example: 'ubuntu-22@latest',
}).transform(splitRef);

/** `1.6.0`, `latest`, `previous` or `candidate`. */
export const versionWord = arg(
  short
    .max(40)
    .transform((text) => text.toLowerCase())
    .refine(isVersionWord),
  {
    kind: 'version',
    label: 'Version',
    value: 'version',
    takes: 'three numbers such as 1.6.0, or latest, previous or candidate',
    example: 'latest',
  },
);

/** The id of a run or of one of its approvals. */
export const requestId = arg(short.max(20), {
  kind: 'request',
  label: 'Request',
  value: 'R-XXXXX',
  takes: 'an id such as R-7F3KQ',
  example: 'R-7F3KQ',
}).transform((text, context): RequestId => {
  const id = parseRequestId(text);
  if (id) return id;
  context.addIssue(`"${text}" is not a request id`);
  return z.NEVER;
});

export function textArg(label: string, more: Partial<ArgMeta> = {}) {
  const takes = 'a text of at most 500 characters';
  return arg(short.max(500), { kind: 'text', label, value: '"…"', takes, example: 'openssl fix', ...more });
}

/** `example`: a value that makes sense where it is suggested. */
export function word(label: string, value: string, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  return arg(short.max(500), { kind: 'word', label, value, takes: `something such as ${more.example}`, ...more });
}

/** Of a change in the enterprise's own records. How it has to look is the catalogue's to say. */
export const changeNumber = arg(short.max(40), {
  kind: 'word',
  label: 'Number of the change that it is approved under',
  value: 'number',
  takes: 'the number of a change, of at most 40 characters, such as CHG0031234',
  example: 'CHG0031234',
});

export function choice<const Options extends readonly [string, ...string[]]>(label: string, options: Options) {
  const all = options.length === 1 ? options[0] : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`;
  return arg(z.enum(options), { kind: 'choice', label, value: options.join('|'), takes: all, example: options[0] });
}

export function flag(label: string, more: Partial<ArgMeta> = {}) {
  return arg(z.boolean(), { kind: 'flag', label, takes: 'nothing after it', example: '', ...more }).default(false);
}

export function count(label: string, max: number, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  return arg(z.coerce.number().int().min(1).max(max), {
    kind: 'number',
    label,
    value: 'n',
    takes: `a whole number from 1 to ${max}`,
    ...more,
  });
}

/** `West Europe, North Europe`. */
export function list(label: string, value: string, more: Partial<ArgMeta> & Pick<ArgMeta, 'example'>) {
  const items = (text: string) => text.split(',').flatMap((item) => item.trim() || []);
  return arg(short.max(500), { kind: 'list', label, value, takes: 'names with commas between them', ...more })
    .transform(items)
    .refine((found) => found.length > 0);
}

export interface Ref {
  readonly image: string;
  /** `1.6.0`, `latest`, `previous`, `candidate`; absent when none was named. */
  readonly version?: string;
}

export function splitRef(text: string): Ref {
  const [image = '', version] = text.trim().split(/\s*@\s*|\s+/, 2);
  return version ? { image, version: version.toLowerCase() } : { image };
}

/** Reads the data of a command's schema once, for everything that lists arguments. */
function describeArgs(schema: z.ZodObject, positional: readonly string[]): readonly ArgInfo[] {
  return Object.entries(schema.shape).map(([name, type]) => {
    const field = type as z.ZodType;
    const meta = metaOf(field);
    if (!meta) throw new Error(`argument ${name} has no meaning: build it with the functions of this file`);
    return {
      ...meta,
      name,
      positional: positional.includes(name),
      required: !field.safeParse(undefined).success,
      choices: meta.kind === 'choice' ? (meta.value ?? '').split('|') : [],
    };
  });
}

/** A label in the midst of a sentence; names in it stay as they are. */
export function inSentence(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}

function isVersionWord(text: string): boolean {
  return isVersion(text) || text === 'latest' || text === 'previous' || text === 'candidate';
}

/** The meaning is on the innermost schema, under `optional`, `default` and `transform`. */
function metaOf(schema: z.ZodType): ArgMeta | undefined {
  const own = schema.meta();
  if (own && 'kind' in own) return own as unknown as ArgMeta;
  const inner =
    (schema.def as { innerType?: z.ZodType; in?: z.ZodType }).innerType ?? (schema.def as { in?: z.ZodType }).in;
  return inner && metaOf(inner);
}

/** `publish <image> [--bump patch|minor|major] [--plan]`. */
export function usage(command: Command): string {
  const parts = [...positionalArgs(command), ...options(command)].map(usagePart);
  return [command.verb, ...parts].join(' ');
}

export function positionalArgs(command: Command): readonly ArgInfo[] {
  return (verbs[command.verb] as readonly string[]).flatMap((name) => command.args.filter((a) => a.name === name));
}

/** What is given by name. Hidden options are understood, but not listed. */
export function options(command: Command): readonly ArgInfo[] {
  return command.args.filter((a) => !a.positional && !a.hidden);
}

function usagePart(info: ArgInfo): string {
  const value = info.value ?? info.name;
  if (info.positional) return info.required ? `<${value}>` : `[${value}]`;
  const option = info.kind === 'flag' ? optionName(info.name) : `${optionName(info.name)} ${value}`;
  return info.required ? option : `[${option}]`;
}

/** What a refused click on the command is recorded as. */
export function nothingOf(command: Command): string {
  return command.hash === 'always' ? 'nothing was decided' : 'nothing was done';
}
