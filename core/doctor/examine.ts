import { eachCall } from '../azure';
import { assignCommand, roleWith, scopeFor, updateCommand } from '../azure-roles';
import { grouped } from '../collections';
import type { UserError } from '../errors';
import {
  type Finding,
  inOrder,
  inWords,
  itself,
  type Look,
  type Looked,
  lookOnce,
  patienceMs,
  unseenFinding,
} from '../preflight';

/** What the doctor found. */
export interface Examination {
  /** What does not work first, then what will cost somebody, then what could not be looked at. */
  readonly findings: readonly Finding[];
  /** What was looked at and is as it should be, as in “goldbot could not see …”. */
  readonly fine: readonly string[];
  /** What can be looked at only once something that is missing is there. */
  readonly waiting: readonly string[];
}

export interface Examining {
  /** Machine time that one look may take. */
  readonly waitMs?: number;
  /** Whose rights the looks are made with: what is refused to a person says nothing of goldbot. */
  readonly who?: 'goldbot' | 'You';
}

/** Makes all looks at once. Reads alone; each question is asked once, whoever needs its answer. */
export async function examineBy<About, Read extends object>(
  looks: readonly Look<About, Read>[],
  read: Read,
  house: About,
  { waitMs = patienceMs, who = 'goldbot' }: Examining = {},
): Promise<Examination> {
  const asked = askedOnce(read);
  const looked = await Promise.all(looks.map((one) => lookOnce(one, asked, house, waitMs)));
  const found = looked.flatMap((one) => one.found);
  const isBroken = found.some(({ severity }) => severity === 'stops');
  // What is missing or shut is told by the look whose business it is; the others wait for it.
  const gaps = new Set(found.flatMap(({ lacks = [] }) => lacks));
  const waits = ({ unseen }: Looked) =>
    (isBroken && (unseen?.code === 'AZ_NOT_FOUND' || unseen?.code === 'DATABASE_SILENT')) ||
    gaps.has(String(unseen?.facts['missingAction']));
  const findings = inOrder([
    ...found,
    ...refusals(
      looked.filter((one) => !waits(one)),
      who,
    ),
  ]);
  const told = new Set(findings.map(({ why }) => why));
  const isUntold = (one: Looked) => one.found.length > 0 && one.found.every(({ why }) => !told.has(why));
  return {
    findings,
    fine: looked.filter((one) => !one.unseen && one.found.length === 0).map(({ at }) => at),
    waiting: looked.filter((one) => waits(one) || isUntold(one)).map(({ at }) => at),
  };
}

/** `read`: ports by their names. */
function askedOnce<Read extends object>(read: Read): Read {
  return Object.fromEntries(Object.entries(read).map(([name, port]) => [name, eachOnce(port as object)])) as Read;
}

function eachOnce<Port extends object>(port: Port): Port {
  const asked = new Map<string, Promise<unknown>>();
  return eachCall(port, (ask, name, args) => {
    const key = JSON.stringify([name, ...args]);
    const answer = asked.get(key) ?? ask();
    asked.set(key, answer);
    return answer;
  });
}

interface Unseen {
  readonly at: string;
  readonly error: UserError;
}

/** One finding for each reason, however many looks it kept from being made; what one command mends is one reason. */
function refusals(looked: readonly Looked[], who: NonNullable<Examining['who']>): readonly Finding[] {
  const refused = who === 'You' ? shutToYou : missingRights;
  const unseen = looked.flatMap(({ at, unseen: error }): readonly Unseen[] => (error ? [{ at, error }] : []));
  return [...grouped(unseen, ({ error }) => reasonOf(error)).values()].flatMap((alike) => {
    const [first] = alike;
    const at = alike.map((one) => one.at);
    if (!first) return [];
    return [isRefused(first.error) ? refused(alike, first.error) : unseenFinding(at, first.error, who)];
  });
}

/** Refused for a missing right, or since goldbot could not even sign in. */
const isRefused = ({ code }: UserError): boolean => code === 'AZ_FORBIDDEN';

function reasonOf({ code, facts }: UserError): string {
  return gapOf(facts)?.remedy?.commands.join() ?? `${code} ${facts['missingAction'] ?? ''} ${facts['scope'] ?? ''}`;
}

/** What is missing and where, and the role of goldbot's that has it. */
interface Gap {
  readonly action: string;
  readonly scope: string | undefined;
  readonly remedy?: { readonly role: string; readonly at: string; readonly commands: readonly string[] };
}

function gapOf(facts: UserError['facts']): Gap | undefined {
  const [action, scope] = [textOf(facts['missingAction']), textOf(facts['scope'])];
  if (action === undefined) return undefined;
  const role = roleWith(action, scope);
  if (!role || scope === undefined) return { action, scope };
  const objectId = textOf(facts['identity']) ?? itself;
  const commands = [updateCommand(role), assignCommand(role, { objectId, scope })];
  return { action, scope, remedy: { role: role.name, at: scopeFor(role, scope), commands } };
}

/** Role gaps that the same commands close. */
function missingRights(alike: readonly Unseen[], { facts, hint, message }: UserError): Finding {
  const at = alike.map((one) => one.at);
  const gaps = new Map(alike.flatMap(({ error }) => gapOf(error.facts) ?? []).map((gap) => [gap.action, gap]));
  const remedy = gapOf(facts)?.remedy;
  return {
    severity: 'stops',
    why: gaps.size === 0 ? message : `goldbot’s identity lacks ${lackOf([...gaps.values()])}.`,
    mend: remedy
      ? `Have an administrator bring the role ${remedy.role} up to date (“create” in place of “update” where there is none yet), and assign it if it is not:`
      : hint,
    commands: remedy?.commands ?? [],
    so: `goldbot does not see ${inWords(shortened(at))}.`,
  };
}

/** Nothing to mend in goldbot's house: somebody may see less than goldbot does. */
function shutToYou(alike: readonly Unseen[]): Finding {
  const at = shortened(alike.map((one) => one.at));
  const gaps = new Map(alike.flatMap(({ error }) => gapOf(error.facts) ?? []).map((gap) => [gap.action, gap]));
  const why = gaps.size === 0 ? 'Azure does not let you' : `your account lacks ${lackOf([...gaps.values()])}`;
  return {
    severity: 'unseen',
    why: `You could not see ${inWords(at)}: ${why}.`,
    mend: 'Look as somebody who has the role Reader there, or let goldbot look once it runs: `@goldbot doctor`.',
    commands: [],
  };
}

/** One action where it was refused; several where the role that has them is given. */
function lackOf(gaps: readonly Gap[]): string {
  const actions = shortened(gaps.map(({ action }) => `“${action}”`));
  const [{ scope, remedy } = { scope: undefined }] = gaps;
  return `${inWords(actions)} on ${(gaps.length > 1 && remedy?.at) || (scope ?? 'what it reads')}`;
}

const shortened = (all: readonly string[]): readonly string[] =>
  all.length <= 5 ? all : [...all.slice(0, 4), `${all.length - 4} more`];

const textOf = (fact: unknown): string | undefined => (typeof fact === 'string' ? fact : undefined);
