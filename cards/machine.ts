import {
  assignmentName,
  type Clue,
  canMend,
  exemptedFrom,
  type Gap,
  type GuestStatus,
  type Lineage,
  type MachineCompliance,
  type MachinePolicy,
  type MachineType,
  type PolicyState,
  policyWord,
  type ServiceModel,
  sharesName,
} from '../core/compliance';
import { type Fact, facts, type Group, type Mark, markedRow, type Tint, tintList } from './parts/blocks';
import { type Button, classifyButton, exemptButton, portalLinks, remediateButton, whyButton } from './parts/buttons';
import { age, day, dotted, type Instant, moment, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import {
  behindWords,
  clocks,
  clueWords,
  lineageText,
  lineageWords,
  moreLine,
  policyWords,
  scopeWords,
  sourceName,
  stateWords,
  teamName,
} from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/machine.json';

/** One machine, and why it is compliant or not. */
export interface MachineView {
  readonly name: string;
  /** Its page in Azure's portal; of an instance, that of its scale set. */
  readonly portal?: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly type: MachineType;
  readonly location: string;
  /** Null: no team has it. */
  readonly team: string | null;
  readonly scaleSet?: string;
  readonly createdAt?: Instant;
  readonly lineage: LineageView;
  readonly compliance: MachineCompliance;
  readonly model: ModelView;
  /** What to do next, one sentence each, most useful first. */
  readonly advice: readonly string[];
  readonly gaps: readonly Gap[];
  /** World time of the answer. */
  readonly now: Instant;
  /** True when the person who asks may act for its team. */
  readonly canAct: boolean;
}

export interface LineageView {
  readonly lineage: Lineage;
  /** Name in the catalogue; absent when it is not golden. */
  readonly image?: string;
  readonly version?: string;
  /** `canonical:…` or a definition's id, when it is not golden. */
  readonly source?: string;
  readonly versionsBehind?: number;
  readonly daysBehind?: number;
  readonly endOfLife?: Instant;
  /** The channel that it is measured against; absent: Azure's latest. */
  readonly follows?: string;
  /** The latest version that can be deployed in its region. */
  readonly latest?: string;
}

/** Pet or cattle, and how goldbot knows. */
export interface ModelView {
  /** What the owner decided, according to the tag; absent when nobody has. */
  readonly decided?: ServiceModel;
  /** What goldbot would say. */
  readonly proposed: ServiceModel | 'undecided';
  readonly confidence: 'high' | 'medium' | 'low';
  /** `Instance of a scale set`, `Created 3 years ago`. */
  readonly evidence: readonly Clue[];
}

/** As much as fits in 25 KB. */
const max = { policies: 8, guest: 4, exemptions: 3, reasons: 3, advice: 4, evidence: 4 } as const;

/** Why a machine has its status: image, policies, guest, exemptions, kind; and what to do. */
export function machineCard(view: MachineView): Reply {
  const entries = machineFacts(view);
  const groups = [...policyGroup(view), ...guestGroup(view), ...exemptionGroup(view), ...kindGroup(view)];
  const tints = [...adviceTint(view), ...gapTints(view.gaps, 3)];
  const kind = { vm: 'VM', instance: 'scale set instance', arc: 'Arc machine' }[view.type];
  return sheet(
    template,
    {
      title: oneLine(view.name, 100),
      subtitles: [
        dotted(teamName(view.team), `${kind} in ${oneLine(view.resourceGroup, 90)}`, oneLine(view.location, 40)),
        clockLine(view),
      ],
      buttons: buttons(view),
      links: portalLinks(view.portal, view.type === 'instance' ? 'scale set' : ''),
      next: [whyButton(view.name).call],
    },
    { facts: entries, groups, tints },
  );
}

function clockLine({ compliance, now }: MachineView): string {
  return clocks(
    newest(compliance.policies.map((policy) => policy.evaluatedAt)),
    newest(compliance.guest.flatMap((one) => one.checkedAt ?? [])),
    now,
  );
}

function newest(dates: readonly Date[]): Date | undefined {
  return dates.length === 0 ? undefined : new Date(Math.max(...dates.map((date) => date.getTime())));
}

function machineFacts({ lineage, createdAt, now, scaleSet, subscription }: MachineView): readonly Fact[] {
  const golden = lineage.image !== undefined;
  const image = golden
    ? `${lineage.image} ${lineage.version ?? ''}`
    : dotted(sourceName(lineage.source ?? ''), lineage.version);
  const lag =
    lineage.versionsBehind !== undefined && lineage.versionsBehind > 0
      ? behindWords(lineage.versionsBehind, lineage.daysBehind)
      : lineageText(lineage.lineage, lineage.follows);
  const over = lineage.endOfLife !== undefined && new Date(lineage.endOfLife).getTime() <= new Date(now).getTime();
  return facts(
    ['Image', oneLine(image, 120)],
    ['Status', golden ? lag : foreign(lineage.lineage)],
    ['Follows', lineage.follows !== undefined && `the ${lineage.follows} version`],
    ['Latest here', lineage.latest],
    ['End of life', lineage.endOfLife && `${over ? '! past since ' : ''}${day(lineage.endOfLife)}`],
    ['Created', createdAt && `${day(createdAt)} (${age(createdAt, now)})`],
    ['Scale set', scaleSet],
    ['Subscription', subscription],
  );
}

function foreign(lineage: Lineage): string {
  return lineage === 'unknown'
    ? 'Azure does not say which image it was created from'
    : `not golden: ${lineageWords[lineage]}`;
}

const policyMarks: Readonly<Record<PolicyState, Mark>> = {
  NonCompliant: 'failed',
  Conflict: 'needs-person',
  Error: 'needs-person',
  Unknown: 'todo',
  Exempt: 'skipped',
  Compliant: 'done',
};
const policyOrder = Object.keys(policyMarks) as readonly PolicyState[];

/** Failures first; what is compliant may be cut off. */
function policyGroup({ compliance: { policies }, type }: MachineView): readonly Group[] {
  const heading = type === 'instance' ? 'Policies of its scale set' : 'Policies';
  if (policies.length === 0) {
    const nothing = markedRow(
      'todo',
      'Azure Policy has never evaluated this machine, which does not mean that it is compliant.',
    );
    return [{ heading, rows: [nothing] }];
  }
  const sorted = [...policies].sort((a, b) => policyOrder.indexOf(a.state) - policyOrder.indexOf(b.state));
  const rows = sorted.slice(0, max.policies).map((policy) => {
    const { state, effect, evaluatedAt, displayName } = policy;
    const label = policyWords(policy, policies);
    const details = dotted(
      stateWords[state],
      effect && oneLine(effect, 30),
      `as of ${moment(evaluatedAt)}`,
      displayName !== undefined && displayName !== assignmentName(policy) && oneLine(displayName, 60),
    );
    return markedRow(policyMarks[state], oneLine(label, 120), [details]);
  });
  return [{ heading, rows: [...rows, ...rest(policies.length, rows.length)] }];
}

const guestMarks: Readonly<Record<GuestStatus, Mark>> = { NonCompliant: 'failed', Pending: 'todo', Compliant: 'done' };
const guestOrder = Object.keys(guestMarks) as readonly GuestStatus[];
const guestWords: Readonly<Record<GuestStatus, string>> = {
  NonCompliant: 'non-compliant',
  Pending: 'pending',
  Compliant: 'compliant',
};

function guestGroup({ compliance: { guest } }: MachineView): readonly Group[] {
  if (guest.length === 0) return [];
  const sorted = [...guest].sort((a, b) => guestOrder.indexOf(a.status) - guestOrder.indexOf(b.status));
  const rows = sorted.slice(0, max.guest).map(({ name, status, checkedAt, reasons }) => {
    const checked = checkedAt === undefined ? 'never checked' : `as of ${moment(checkedAt)}`;
    const why = reasons.slice(0, max.reasons).map((reason) => oneLine(reason, 120));
    const more = moreLine(reasons.length, why.length);
    return markedRow(guestMarks[status], oneLine(name, 90), [dotted(guestWords[status], checked), ...why, more]);
  });
  return [{ heading: 'In the guest', rows: [...rows, ...rest(guest.length, rows.length)] }];
}

function exemptionGroup({ compliance: { exemptions, policies }, now }: MachineView): readonly Group[] {
  if (exemptions.length === 0) return [];
  const rows = exemptions.slice(0, max.exemptions).map((exemption) => {
    const { assignment, expiresAt, category, reason } = exemption;
    const shared = policies.some((policy) => policy.assignment === assignment && sharesName(policy, policies));
    const label = dotted(exemptedFrom(exemption), shared && scopeWords(assignment));
    const over = expiresAt !== undefined && expiresAt.getTime() <= new Date(now).getTime();
    const until = expiresAt === undefined ? 'no end date' : `${over ? 'ended' : 'until'} ${day(expiresAt)}`;
    const details = [dotted(category.toLowerCase(), until), oneLine(reason ?? '', 120)];
    return markedRow(over ? 'needs-person' : 'skipped', oneLine(label, 120), details);
  });
  return [{ heading: 'Exempt from', rows: [...rows, ...rest(exemptions.length, rows.length)] }];
}

/** The evidence is beside the word, so that an owner can disagree. */
function kindGroup({ model }: MachineView): readonly Group[] {
  const evidence = model.evidence.slice(0, max.evidence).map((clue) => oneLine(clueWords(clue), 90));
  const guess = `${model.proposed}, confidence ${model.confidence}`;
  const decided = model.decided;
  const differs = decided !== undefined && model.proposed !== 'undecided' && model.proposed !== decided;
  const row =
    decided === undefined
      ? markedRow('needs-person', `Not decided yet. Looks like: ${guess}`, evidence)
      : markedRow('done', `${decided}, decided by its owner${differs ? `; looks like: ${guess}` : ''}`, evidence);
  return [{ heading: 'Pet or cattle', rows: [row] }];
}

function rest(total: number, shown: number) {
  return total > shown ? [markedRow('skipped', `and ${number(total - shown)} more`)] : [];
}

function adviceTint({ advice }: MachineView): readonly Tint[] {
  if (advice.length === 0) return [];
  return [
    tintList(
      'emphasis',
      'What to do',
      advice.slice(0, max.advice).map((sentence) => oneLine(sentence, 180)),
    ),
  ];
}

function buttons(view: MachineView): readonly Button[] {
  if (!view.canAct) return [];
  const failing = view.compliance.policies.filter((policy) => policy.state === 'NonCompliant');
  const mended = failing.find(({ effect }) => canMend(effect));
  const first = mended ?? failing[0];
  if (first === undefined) return classifyButtons(view);
  const word = (policy: MachinePolicy) => policyWord(policy, view.compliance.policies);
  const remediate = mended === undefined ? [] : [remediateButton(view.name, word(mended))];
  return [...classifyButtons(view), ...remediate, exemptButton(view.name, word(first))];
}

function classifyButtons({ name, model }: MachineView): readonly Button[] {
  const { proposed, decided } = model;
  const as = decided ?? (proposed === 'undecided' ? 'pet' : proposed);
  const other: ServiceModel = as === 'pet' ? 'cattle' : 'pet';
  const offered = decided === undefined ? [as, other] : [other];
  return offered.map((kind) => classifyButton(name, kind));
}
