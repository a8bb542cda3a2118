/**
 * The requests of one schedule share a card: which those are, what they are bound to, and which of them are unremarkable and
 * may be decided together. Pure; the workflow asks, dialogs show and decide.
 */
import type { BuildSource } from './azure';
import { sourceName, sourceText } from './build-source';
import { type Risk, risks } from './catalogue';
import { call } from './command-call';
import { contentsGapReason } from './contents';
import { UserError } from './errors';
import { hashOf } from './hash';
import { compareVersions } from './images';
import {
  type Approval,
  changeNumberProblem,
  type FixedPlan,
  guardChanges,
  isChanged,
  type PlanPart,
  type PublishRun,
  type RequestId,
  type SharedTopic,
} from './runs';

/**
 * The card on which a scheduled run asks: one for all runs of the same rhythm and period whose requests go to the same
 * people in the same channel. Undefined: the run asks on a card of its own.
 */
export function sharedCardOf({ plan }: Pick<PublishRun, 'plan'>): SharedTopic | undefined {
  const { schedule, approvalChannel: channel, fixed } = plan;
  // Groups that decide in turn are asked in turn: each request on a card that goes from one to the next.
  if (!schedule || !fixed || fixed.rule.first) return undefined;
  const { key, period } = schedule;
  return `requests:${hashOf({ key, period, channel, group: fixed.rule.group }).slice(0, 16)}`;
}

/** What requests are bound to, all in one: another plan or object behind any of these ids gives another seal. */
export function sealOf(approvals: readonly Pick<Approval, 'id' | 'planHash' | 'fingerprint'>[]): string {
  const bound = approvals.map(({ id, planHash, fingerprint = null }) => ({ id, planHash, fingerprint }));
  return hashOf(bound.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

/** What of a run is looked at. */
type Seen = Pick<PublishRun, 'id' | 'attempt' | 'plan' | 'data'>;

/** An open request with what there is to compare it with. */
export interface InQuestion {
  readonly approval: Pick<Approval, 'fingerprint' | 'rule' | 'changeNumber'>;
  readonly run: Seen;
  /** The plan that the request is bound to. */
  readonly fixed: FixedPlan;
  /** How the version that it replaces was made; undefined: not by this goldbot, or there is none. */
  readonly before: FixedPlan | undefined;
  /** Rejections of the same image since the last approval. */
  readonly rejected: readonly Pick<Approval, 'id' | 'runId'>[];
}

/** Something that somebody should look at before the version is published. */
interface Remark {
  readonly name: string;
  applies(asked: InQuestion): boolean;
  /** What is so, for whoever decides. */
  sentence(asked: InQuestion): string;
}

const changed = (part: PlanPart, sentence: string): Remark => ({
  name: part,
  applies: ({ before, fixed }) => before !== undefined && isChanged(part, before, fixed),
  sentence: ({ fixed }) => `${sentence} since ${fixed.previousVersion}.`,
});

/** In the order in which they are told. */
const table: readonly Remark[] = [
  {
    name: 'first',
    applies: ({ fixed }) => fixed.previousVersion === null,
    sentence: () => 'It is the first of its image.',
  },
  {
    name: 'not comparable',
    applies: ({ fixed, before }) => fixed.previousVersion !== null && before === undefined,
    sentence: ({ fixed }) => `goldbot did not make ${fixed.previousVersion}, so nothing can be compared.`,
  },
  {
    ...changed('recipe', 'Its recipe has changed'),
    // By what goldbot recorded of the version before, and by what that version says of itself.
    applies: ({ before, fixed }) =>
      (before !== undefined && isChanged('recipe', before, fixed)) ||
      (fixed.previousRecipeHash !== null && fixed.previousRecipeHash !== fixed.recipeHash),
  },
  changed('tests', 'Its tests have changed'),
  changed('regions', 'Its regions have changed'),
  changed('outputs', 'Its outputs have changed'),
  {
    name: 'target',
    applies: ({ before, fixed }) => before !== undefined && hashOf(before.target) !== hashOf(fixed.target),
    sentence: ({ fixed: { target } }) =>
      `It goes to another image definition now: ${target.gallery}/${target.definition}.`,
  },
  {
    name: 'approvers',
    // More people are asked when a schedule takes over what somebody used to ask for: nothing to remark.
    applies: ({ before, fixed: { rule } }) =>
      before !== undefined &&
      (before.rule.group !== rule.group ||
        before.rule.quorum > rule.quorum ||
        hashOf(before.rule.first ?? []) !== hashOf(rule.first ?? [])),
    sentence: ({ fixed }) => `Who must approve has changed since ${fixed.previousVersion}.`,
  },
  {
    name: 'roles',
    applies: ({ before, fixed }) => before?.roles !== undefined && hashOf(groupsOf(before)) !== hashOf(groupsOf(fixed)),
    sentence: ({ fixed }) => `Who has which role for it has changed since ${fixed.previousVersion}.`,
  },
  {
    name: 'end of life',
    applies: ({ before, fixed }) => before !== undefined && (before.endOfLife === null) !== (fixed.endOfLife === null),
    sentence: ({ fixed }) =>
      fixed.endOfLife === null ? 'It has no end of life any more.' : 'It has an end of life now.',
  },
  {
    name: 'base',
    applies: ({ before, fixed }) => before !== undefined && sourceText(before.base) !== sourceText(fixed.base),
    sentence: ({ before, fixed }) =>
      `It has another base: ${before ? `${sourceName(before.base)} → ` : ''}${sourceName(fixed.base)}.`,
  },
  {
    name: 'older base',
    applies: ({ before, fixed }) => before !== undefined && isOlder(fixed.base, before.base),
    sentence: ({ before, fixed }) => `Its base ${fixed.base.version} is older than ${before?.base.version}.`,
  },
  {
    name: 'base is gone',
    applies: ({ run }) => run.data.baseNews !== undefined,
    sentence: ({ run: { data } }) =>
      data.baseNews?.why === 'withdrawn' ? data.baseNews.said : 'Its base is past its end of life by now.',
  },
  {
    name: 'base retires',
    applies: ({ fixed }) => fixed.baseDeprecation !== undefined,
    sentence: () => 'The end of its base has been announced.',
  },
  {
    name: 'newer base',
    applies: ({ run }) => run.data.newerBase !== undefined,
    sentence: ({ run }) => `There is a newer base by now: ${run.data.newerBase}.`,
  },
  {
    name: 'attempts',
    applies: ({ run }) => run.attempt > 1,
    sentence: ({ run }) => `It took ${run.attempt} attempts.${lastStop(run)}`,
  },
  {
    name: 'tested',
    applies: ({ run: { data } }) => (data.tests ?? []).length === 0 || (data.tests ?? []).some(({ passed }) => !passed),
    sentence: ({ run: { data } }) =>
      (data.tests ?? []).length === 0 ? 'Nothing was tested.' : 'Not all of its tests passed.',
  },
  {
    name: 'rejected',
    applies: (asked) => rejectedBefore(asked).length > 0,
    sentence: (asked) => `${rejectedBefore(asked).join(' and ')} for the same image was rejected.`,
  },
  {
    name: 'override',
    applies: ({ run }) => run.data.override?.confirmed !== undefined,
    sentence: ({ run }) => `A freeze was overridden for it: “${run.data.override?.reason}”.`,
  },
  {
    name: 'warning',
    applies: ({ run }) => (run.data.seen ?? []).length > 0,
    sentence: ({ run }) => `The looks before the build found: ${(run.data.seen ?? []).map(({ why }) => why).join(' ')}`,
  },
  {
    name: 'inside',
    applies: ({ run }) => gapOf(run) !== undefined,
    sentence: ({ run }) => `What is inside was not compared: ${gapOf(run)}.`,
  },
  {
    name: 'vulnerabilities',
    applies: ({ run }) => (run.data.contents?.vulnerabilities?.brought ?? 0) > 0,
    sentence: ({ run }) =>
      `It brings vulnerabilities of your list: ${(run.data.contents?.vulnerabilities?.top ?? []).slice(0, 3).join(', ')}.`,
  },
  {
    name: 'not the latest',
    applies: ({ fixed: { version, previousVersion } }) =>
      previousVersion !== null && compareVersions(version, previousVersion) < 0,
    sentence: ({ fixed }) => `It will not be the latest: ${fixed.previousVersion} is higher.`,
  },
  {
    name: 'upgrades',
    applies: ({ run }) => run.data.selfUpgrading === undefined,
    sentence: () => 'Which scale sets will upgrade automatically could not be seen.',
  },
  {
    name: 'change number',
    applies: ({ approval }) => changeNumberProblem(approval, undefined) !== undefined,
    sentence: () => 'It needs the number of a change.',
  },
  {
    name: 'object',
    applies: ({ approval }) => approval.fingerprint === undefined,
    sentence: () => 'The request is not bound to the very version that was tested.',
  },
];

/** By which remarks a risk is seen, besides what is nothing to remark by itself. */
const seenBy: Readonly<Record<Risk, readonly string[]>> = {
  'first-version': ['first'],
  'changed-recipe': ['recipe', 'not comparable'],
  'changed-guard': ['not comparable'],
  'old-base': ['older base', 'base is gone', 'base retires', 'newer base'],
  'new-packages': ['inside', 'not comparable'],
  vulnerabilities: ['vulnerabilities', 'inside'],
};

/** Which risks a version has that is about to be asked about. */
export function risksOf(asked: InQuestion): readonly Risk[] {
  return risksSeen(asked).map(({ risk }) => risk);
}

/** The same as clauses: what could not be compared counted as changed, and is called what it is. */
export function riskClauses(asked: InQuestion): readonly string[] {
  return [...new Set(risksSeen(asked).map(({ risk, by }) => (by === 'seen' ? risks[risk] : unseen[by])))];
}

/** One of them from what the run itself tells; where that leaves open whether anybody could compare, the clause does too. */
export function riskClause(risk: Risk, run: Seen): string {
  const names = seenBy[risk];
  if (names.includes('inside') && gapOf(run) !== undefined) return unseen.inside;
  if (!names.includes('not comparable')) return risks[risk];
  if (risk === 'new-packages') {
    return (run.data.contents?.changes?.packages?.added ?? 0) > 0 ? risks[risk] : unseen['not comparable'];
  }
  return `${risks[risk]}, or could not be compared`;
}

const unseen = {
  inside: 'what is inside was not compared',
  'not comparable': 'what is different from the version before is not known',
} as const;

interface SeenRisk {
  readonly risk: Risk;
  /** Whether it was seen, or which remark says that nobody could see it. */
  readonly by: 'seen' | keyof typeof unseen;
}

function risksSeen(asked: InQuestion): readonly SeenRisk[] {
  const found = new Set(table.filter(({ applies }) => applies(asked)).map(({ name }) => name));
  const { before, fixed, run } = asked;
  const also: Readonly<Partial<Record<Risk, boolean>>> = {
    'changed-guard': before !== undefined && guardChanges(before, fixed).length > 0,
    'new-packages': (run.data.contents?.changes?.packages?.added ?? 0) > 0,
  };
  return (Object.keys(seenBy) as Risk[]).flatMap((risk): readonly SeenRisk[] => {
    const names = seenBy[risk].filter((name) => found.has(name));
    if (also[risk] || names.some((name) => !(name in unseen))) return [{ risk, by: 'seen' }];
    const [by] = names as (keyof typeof unseen)[];
    return by ? [{ risk, by }] : [];
  });
}

/** Why somebody should look at a request by itself, a sentence each; empty: it is unremarkable. */
export function remarks(asked: InQuestion): readonly string[] {
  return table.filter(({ applies }) => applies(asked)).map(({ sentence }) => sentence(asked));
}

/** Who has which role; names are no change. */
function groupsOf({ roles = [] }: FixedPlan): readonly string[] {
  return roles.map(({ role, group }) => `${role} ${group}`);
}

function lastStop({ data }: Seen): string {
  const last = data.rebuilds?.at(-1);
  return last ? ` ${last.after.what}: ${last.after.error}` : '';
}

/** Those of its own run are told as its attempts. */
function rejectedBefore({ rejected, run }: InQuestion): readonly string[] {
  return rejected.filter(({ runId }) => runId !== run.id).map(({ id }) => id);
}

/** Why what is inside could not be compared; undefined: it was, or there is nothing to compare it with. */
function gapOf({ data: { contents }, plan }: Seen): string | undefined {
  const gap = contents?.gap ?? contents?.sinceGap;
  if (gap) return contentsGapReason(gap);
  if (contents?.changes?.packages) return undefined;
  return plan.fixed?.previousVersion === null ? undefined : 'there is no list of its packages';
}

/** Of the same marketplace image; versions of galleries and managed images say nothing about their age. */
function isOlder(base: BuildSource, before: BuildSource): boolean {
  if (base.kind !== undefined || sourceText(base) !== sourceText(before)) return false;
  return compareVersions(base.version, before.version) < 0;
}

/** `isOver`: there was one, and it is over for longer than goldbot keeps requests. */
export function unknownRequest(request: RequestId, isOver: boolean): UserError {
  const facts = { request };
  if (isOver) {
    return new UserError('UNKNOWN_REQUEST', `${request} is over for so long that only the audit still tells of it.`, {
      hint: 'Read there what was decided, or ask anew.',
      next: [call('audit'), call('runs')],
      facts,
    });
  }
  return new UserError('UNKNOWN_REQUEST', `There is no request ${request}.`, {
    hint: 'See the runs, or what is waiting for a decision.',
    next: [call('runs'), call('approvals')],
    facts,
  });
}
