import type { z } from 'zod';
import type { Reply } from '../../cards';
import type { Caller, Person, Rights } from '../../core/access';
import type { AzureRead, Directory } from '../../core/azure';
import type { Catalogue, Role } from '../../core/catalogue';
import type { Values, Verb } from '../../core/command-call';
import type { UserError } from '../../core/errors';
import type { RequestId, Run } from '../../core/runs';
import type { Clock } from '../../core/time';
import type { Reads } from '../../store/reads';
import type { DigestControl, RunControl } from '../../workflows/start';
import { type ArgInfo, describeArgs } from './arguments';

export type { Values };

/** What a live card is about: whoever shows it renders the current state of this. */
export type Topic =
  | `run:${RequestId}`
  | `approval:${RequestId}`
  | `news:${RequestId}:${string}`
  | `digest:${RequestId}`;

/** Who said or clicked what where. Everything in it comes from the signed activity, nothing from a card. */
export interface Turn {
  readonly person: Caller;
  readonly conversation: Conversation;
  /** What makes the act unique: the same intent again is the same act. */
  readonly intent: string;
  readonly locale?: string;
  readonly timeZone?: string;
  /**
   * Of a click: the topic under which goldbot posted the clicked message in this conversation, null when it posted no
   * live card there. Absent: nobody looked.
   */
  readonly clicked?: string | null;
}

export interface Conversation {
  readonly id: string;
  readonly threadId?: string;
  readonly kind: 'channel' | 'personal';
  /** `Image Factory / General`. */
  readonly name?: string;
}

export interface CommandContext extends Turn {
  readonly rights: Rights;
  /** True when the directory was silent: the rights are then nobody's. Only commands for everybody get that far. */
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
  /** Present when the message shall live on as the card of a run or an approval. */
  readonly topic?: Topic;
}

/** What the conversation needs of the rest of goldbot. */
export interface Deps {
  /** The catalogue in force at this moment. */
  catalogue(): Catalogue;
  /** Each look throws `AZ_SILENT` after 2.5 s at the latest. */
  readonly read: AzureRead;
  readonly reads: Reads;
  readonly runs: RunControl;
  readonly digests: DigestControl;
  readonly clock: Clock;
  readonly directory: Directory;
  /** Tenants that goldbot serves; the front door asks first, this is the second lock. */
  readonly tenants: readonly string[];
  /** Writes down a refusal that happened before any run was touched. */
  audit?(entry: RefusalEntry): Promise<void>;
}

export interface RefusalEntry {
  readonly who: Person;
  readonly action: 'refuse';
  readonly subject: string | null;
  readonly request: RequestId | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface CommandData {
  /** Lower case; one word, or two such as `who uses`. */
  readonly verb: Verb;
  readonly aliases?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Where help lists it. */
  readonly group: 'Publish' | 'Comply' | 'Look' | 'Decide' | 'Ask';
  readonly role: Role | 'all';
  readonly effect: 'read' | 'write';
  /** Arguments that need no option name, in order. */
  readonly positional?: readonly string[];
  /**
   * Acts on the plan that its card shows, so that a click counts only with that plan's hash. `planned`: a card from before
   * the plan was fixed has none to carry.
   */
  readonly hash?: 'always' | 'planned';
  /** Ends or refuses something: its form has a red button. */
  readonly destructive?: boolean;
  readonly examples: readonly string[];
}

export interface CommandSpec<Schema extends z.ZodObject> extends CommandData {
  /** The options and arguments; each says by its kind what it means (arguments.ts). */
  readonly args: Schema;
  /** Why not, for commands about a run, where it is truer than a missing role: an actor who may not decide, a forged card. */
  refusal?(ctx: CommandContext, run: Run, values: Values): UserError | undefined;
  run(ctx: CommandContext, args: z.output<Schema>, deps: Deps): Promise<Answer>;
}

/** A command as the router sees it: data first, and one function that checks what it is given. */
export interface Command extends CommandData {
  readonly args: readonly ArgInfo[];
  refusal(ctx: CommandContext, run: Run, values: Values): UserError | undefined;
  /** What is wrong with these values, by argument; empty when nothing is. */
  problems(values: Values): readonly z.core.$ZodIssue[];
  run(ctx: CommandContext, values: Values, deps: Deps): Promise<Answer>;
}

/** One file, one command. Help, forms, docs, authorisation and audit read the data; the types of `args` come from the schema. */
export function defineCommand<Schema extends z.ZodObject>(spec: CommandSpec<Schema>): Command {
  const { args, refusal, run, ...data } = spec;
  return {
    ...data,
    args: describeArgs(args, data.positional ?? []),
    refusal: (ctx, about, values) => refusal?.(ctx, about, values),
    problems: (values) => args.safeParse(values).error?.issues ?? [],
    run: async (ctx, values, deps) => run(ctx, args.parse(values), deps),
  };
}
