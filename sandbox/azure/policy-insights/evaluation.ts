import type { SandboxRequest } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { decoded } from '../authorization/action';
import { isWithin } from '../authorization/scope';
import { type Resource, type SeedParameters, text } from '../compute/resource';
import { compute } from '../compute/section';
import { syntheticAt, syntheticNumber } from '../estate/synthetic';
import { scopeOf } from '../policy/section';
import { lastCycle } from './cycle';
import { judgeOf, type Verdicts } from './judged';
import { type Member, membersOf } from './members';
import { policyInsights, rawStates, type Told } from './section';
import { SyntheticJudge } from './synthetic-judge';

const minute = 60_000;
/** What the documentation says about a changed resource, and about an assignment, an exemption or an attestation. */
const afterResource = 15 * minute;
const afterPolicy = 5 * minute;
const keptEvents = 2_000;

/** Brings what Azure Policy says up to now: the daily evaluation, and what was due since. */
export function catchUp(world: World, now = world.clock.nowMs()): void {
  const section = policyInsights(world);
  const cycle = lastCycle(now);
  let found: readonly Member[] | undefined;
  const members = () => {
    found ??= membersOf(world);
    return found;
  };
  if (section.cycleMs < cycle) {
    if (section.cycleMs === 0) expectNewcomers(world, cycle);
    evaluate(world, evaluated(world), judgeOf(world, members, cycle), cycle);
    section.cycleMs = cycle;
  }
  const due = Object.entries(section.due).filter(([, atMs]) => atMs <= now);
  for (const [scope, atMs] of due.sort(([, a], [, b]) => a - b)) {
    delete section.due[scope];
    if (atMs <= cycle) continue;
    evaluate(
      world,
      evaluated(world).filter(({ id }) => isWithin(id, scope)),
      judgeOf(world, members, atMs),
      atMs,
    );
    if (!/\/providers\/microsoft\.(?:compute|hybridcompute)\//.test(scope)) section.scans.push({ scope, endMs: atMs });
  }
  const { resources } = compute(world);
  for (const id of Object.keys(section.told)) if (!resources[id] && !section.due[id]) delete section.told[id];
}

/** What was made after the last evaluation gets its own a quarter of an hour later. */
function expectNewcomers(world: World, cycleMs: number): void {
  const { due } = policyInsights(world);
  for (const resource of evaluated(world)) {
    const atMs = createdMs(resource) + afterResource;
    if (atMs > cycleMs) due[key(resource.id)] = atMs;
  }
}

const createdMs = ({ properties }: Resource): number => Date.parse(text(properties['timeCreated']) ?? '') || 0;

/** Resources that Azure Policy looks at: those with tags and a place of their own. */
function evaluated(world: World): Resource[] {
  return Object.values(compute(world).resources).filter(
    ({ type }) => type !== 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
  );
}

function evaluate(
  world: World,
  resources: readonly Resource[],
  judge: (one: Resource) => Verdicts,
  atMs: number,
): void {
  const section = policyInsights(world);
  for (const resource of resources) {
    const id = key(resource.id);
    if ((section.due[id] ?? 0) > atMs && createdMs(resource) > atMs - afterResource) continue;
    const before = section.told[id] ?? {};
    const told: Told = {};
    for (const [member, state] of judge(resource)) {
      const code = rawStates.indexOf(state);
      told[member] = [code, atMs];
      if (state === 'NonCompliant' && before[member]?.[0] !== code) {
        section.events.push({ resource: id, member, state: code, atMs });
      }
    }
    if (Object.keys(told).length > 0) section.told[id] = told;
    else delete section.told[id];
  }
  section.events.splice(0, section.events.length - keptEvents);
}

/** Notes a request that is about to change what policies look at; until the evaluation the old states hold. */
export function noteChange(world: World, { method, url }: SandboxRequest): undefined {
  if (!['PUT', 'PATCH', 'DELETE'].includes(method)) return;
  const path = decoded(url.pathname).replace(/\/+$/, '');
  const delay = /\/providers\/microsoft\.(?:compute|hybridcompute)\/[^/]+\/[^/]+$/i.test(path)
    ? afterResource
    : afterPolicy;
  const scope = delay === afterResource ? path : policyScope(path);
  if (scope === undefined) return;
  expectEvaluation(world, scope, world.clock.nowMs() + delay);
}

function policyScope(path: string): string | undefined {
  const isPolicy = /\/providers\/Microsoft\.Authorization\/policy(?:Assignments|Exemptions)\/[^/]+$/i.test(path);
  if (isPolicy) return scopeOf(path);
  const at = /\/providers\/Microsoft\.PolicyInsights\/attestations\/[^/]+$/i.exec(path)?.index;
  if (at !== undefined) return path.slice(0, at);
  const tags = /\/providers\/Microsoft\.Resources\/tags\/default$/i.exec(path)?.index;
  return tags === undefined ? undefined : path.slice(0, tags);
}

/**
 * Evaluates a scope or a resource again; it ends at `atMs`. Until `nowMs` the old states hold: to be called before
 * anything changes.
 */
export function expectEvaluation(world: World, scope: string, atMs: number, nowMs = world.clock.nowMs()): void {
  catchUp(world, nowMs);
  keepStates(world, key(scope));
  policyInsights(world).due[key(scope)] = atMs;
}

/** When a VM of a synthetic estate is changed, it keeps the states that were derived from its number. */
function keepStates(world: World, id: string): void {
  const { seed, resources } = compute(world);
  const { told } = policyInsights(world);
  const n = seed && syntheticNumber(seed, id);
  if (n === undefined || resources[id] || told[id]) return;
  const members = membersOf(world);
  const judge = new SyntheticJudge(world, seed as SeedParameters, members);
  const states = judge.statesOf(n, syntheticAt(seed as SeedParameters, n));
  told[id] = Object.fromEntries(
    states.map(([at, state]) => [members[at]?.key ?? '', [rawStates.indexOf(state), judge.atMs(n)] as const]),
  );
}
