import { platformSubscription } from '../../../sandbox/azure/names';
import { ask } from '../../sandbox/client';
import { missing } from './compare';
import { neverShown, refusals, unkept } from './exceptions';
import { parentOf, prepare } from './prepare';
import { type Example, requestOf } from './specs';
import { bought, inSandbox, openStage, type Stage } from './stage';

export interface Answered {
  readonly status: number;
  /** Of a refusal: Azure's code. */
  readonly code?: string;
  /** Fields of an accepted body that a later GET does not have. */
  readonly missing: readonly string[];
}

/** Their examples name assignments and definitions that nothing here makes; `test/sandbox/policy-*` asks in their stead. */
const unprepared = ['Microsoft.Authorization', 'Microsoft.PolicyInsights'];

/** They make versions, of sources that nothing here makes; goldbot puts versions that are there: `test/sandbox/gallery-*`. */
const makers = ['GalleryImageVersions_CreateOrUpdate'];

/** Every example's request, asked of a sandbox in which what it names is there. */
export function requestsSection(all: readonly Example[], count: (example: Example) => void): void {
  const left = ['Resources', ...makers];
  const requests = all.filter(({ operation, provider }) => !left.includes(operation) && !unprepared.includes(provider));
  it.each(requests)('$title', async (example) => {
    const answered = await askSandbox(example);
    count(example);
    expect(wrong(example, answered)).toEqual([]);
  });

  it('are all there that the exceptions name', () => {
    const titles = requests.map(({ title }) => title);
    const idle = [...refusals, ...unkept].filter(({ example }) => !titles.some((title) => example.test(title)));
    expect(idle).toEqual([]);
  });
}

/** What the sandbox did with an example, against what the example and its named exceptions say. */
export function wrong({ title, responses }: Pick<Example, 'title' | 'responses'>, answered: Answered): string[] {
  const { status, code } = answered;
  const refusal = refusals.find(({ example }) => example.test(title));
  if (refusal) {
    const met = status === refusal.status && code === refusal.code;
    return met ? [] : [`expected the refusal ${refusal.status} ${refusal.code}, got ${status} ${code ?? ''}`];
  }
  const statuses = responses.map((response) => response.status);
  if (!statuses.includes(status)) return [`expected ${statuses.join(' or ')}, got ${status} ${code ?? ''}`];
  const known = unkept.filter(({ example }) => example.test(title)).map(({ field }) => field);
  const lost = answered.missing.filter((field) => !known.includes(field)).map((field) => `${field} did not come back`);
  const kept = known.filter((field) => !answered.missing.includes(field));
  return [...lost, ...kept.map((field) => `${field} came back: the exception is over`)];
}

async function askSandbox(example: Example): Promise<Answered> {
  const here = { ...inSandbox(example), path: example.path };
  const { url, body } = requestOf(here);
  const stage = openStage(groupsIn(here));
  await makeWhatIsNamed(stage, here);
  const answer = await ask(stage.sandbox, here.method, url, body);
  const { status } = answer;
  if (status >= 300) return { status, code: codeOf(answer.body), missing: [] };
  if (here.method !== 'PUT' && here.method !== 'PATCH') return { status, missing: [] };
  stage.world.clock.advance(600);
  const address = new URL(url);
  if (/\/virtualMachines\/[^/]+$/.test(address.pathname)) address.searchParams.set('$expand', 'userData');
  const got = await ask(stage.sandbox, 'GET', address.href);
  return { status, missing: missing(body, got.body).filter((field) => !neverShown.test(field)) };
}

/** What an address ends with when it is about what stands before. */
const actions = /\/(run|cancel|share|manualupgrade|reimage|approveRollingUpgrade|rollingUpgrades\/(?:latest|cancel))$/;

async function makeWhatIsNamed(stage: Stage, example: Example): Promise<void> {
  const { method, operation, path } = example;
  if (path.includes('/locations/')) return;
  const { url, body } = requestOf(example);
  const id = decodeURIComponent(new URL(url).pathname).replace(actions, '');
  const running = operation.endsWith('_Cancel');
  // What a whole subscription has is listed as it is.
  if (/_List/.test(operation) && !/\/resourceGroups\//i.test(id)) return;
  if (/_List/.test(operation)) await prepare(stage, `${id}/1.0.0`);
  else if (method !== 'PUT') await prepare(stage, id, { running, ...sharedFor(body) });
  else if (path.split('/providers/')[1]?.split('/').length !== 3) await prepare(stage, parentOf(id));
  if (operation !== 'VirtualMachines_CreateOrUpdate') return;
  if (body && 'plan' in body) await acceptTerms(stage);
  const text = JSON.stringify(body);
  // A machine without a profile of its own is made of a specialized image.
  const osState = text.includes('"osProfile"') ? 'Generalized' : 'Specialized';
  for (const [, image = ''] of text.matchAll(
    /"(\/subscriptions\/[^"]+\/Microsoft.Compute\/(?:galleries\/[^"/]+\/)?images\/[^"/]+)/gi,
  )) {
    await prepare(stage, image.includes('/galleries/') ? `${image}/versions/1.0.0` : image, { osState });
  }
}

/** A gallery is made for what it is asked to share with. */
function sharedFor(body: object | undefined): { readonly permissions?: 'Groups' | 'Community' } {
  if (!body || !('operationType' in body)) return {};
  return { permissions: body.operationType === 'EnableCommunity' ? 'Community' : 'Groups' };
}

/** The owner of an example's subscription has bought what it deploys. */
async function acceptTerms({ sandbox }: Stage): Promise<void> {
  const { publisher, product, name } = bought;
  const terms = `/subscriptions/${platformSubscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/${publisher}/offers/${product}/plans/${name}/agreements/current`;
  await ask(sandbox, 'PUT', `${terms}?api-version=2021-01-01`, { properties: { accepted: true } });
}

function groupsIn({ parameters }: Example): Set<string> {
  const named = [...JSON.stringify(parameters).matchAll(/resourceGroups\/([^/"]+)/gi)].map(([, name = '']) => name);
  return new Set([...named, String(parameters['resourceGroupName'])]);
}

export function codeOf(body: unknown): string {
  return (body as { error?: { code?: string } } | undefined)?.error?.code ?? '';
}
