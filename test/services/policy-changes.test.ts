import {
  buildExclusions,
  galleryId,
  isRestricted,
  restrictionAssignment,
  restrictionDefinition,
  restrictionName,
} from '../../core/compliance';
import type { Route } from '../../sandbox/kernel/types';
import { exampleCatalogue } from '../support/catalogue';
import { armError, azureOf, failure, held } from './azure';

const machine = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1';
const exemption = `${machine}/providers/Microsoft.Authorization/policyExemptions/goldbot-1`;
const task = `${machine}/providers/Microsoft.PolicyInsights/remediations/goldbot-r-22222`;
const route = (method: string, path: string, handle: Route['handle']): Route => ({ method, path, handle });
const under = (type: string): string => `/{scope+}/providers/${type}/{name}`;
const properties = (value: object) => ({ status: 200, body: { properties: value } });

describe('an exemption', () => {
  it('is read with its day and reason, and undefined when there is none', async () => {
    const found = {
      policyAssignmentId: '/A',
      exemptionCategory: 'Waiver',
      expiresOn: '2027-01-01T00:00:00Z',
      description: 'why',
    };
    const azure = azureOf([
      route('GET', under('Microsoft.Authorization/policyExemptions'), (_, { name }) =>
        name === 'goldbot-1' ? properties(found) : armError(404, 'PolicyExemptionNotFound', 'none'),
      ),
    ]);
    expect(await azure.read.exemption(exemption)).toMatchObject({
      ...{ scope: machine.toLowerCase(), assignment: '/a', category: 'Waiver', reason: 'why' },
      expiresAt: new Date('2027-01-01T00:00:00Z'),
    });
    expect(await azure.read.exemption(exemption.replace('goldbot-1', 'other'))).toBeUndefined();
  });
});

describe('a remediation', () => {
  const states = under('Microsoft.PolicyInsights/remediations');
  const stateOf = async (provisioningState: string) => {
    const deploymentStatus = { totalDeployments: 2, successfulDeployments: 1, failedDeployments: 0 };
    const azure = azureOf([route('GET', states, () => properties({ provisioningState, deploymentStatus }))]);
    return azure.read.remediation(task);
  };

  it.each([
    ['Accepted', 'running'],
    ['Evaluating', 'running'],
    ['Running', 'running'],
    ['Cancelling', 'running'],
    ['Succeeded', 'succeeded'],
    ['Complete', 'succeeded'],
    ['Failed', 'failed'],
    ['Canceled', 'cancelled'],
  ])('that Azure calls %s is %s', async (azures, ours) => {
    expect(await stateOf(azures)).toEqual({ state: ours, total: 2, succeeded: 1 });
  });

  it('that exists is left alone: a PUT would begin it again', async () => {
    const azure = azureOf([route('GET', states, () => properties({ provisioningState: 'Succeeded' }))]);
    await azure.write(held).startRemediation(task, { assignment: '/a' });
    expect(azure.sent('PUT')).toEqual([]);
  });
});

describe('an evaluation', () => {
  const trigger = '/{scope+}/providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation';
  const location =
    'https://management.azure.com/subscriptions/s1/providers/Microsoft.PolicyInsights/asyncOperationResults/x?api-version=2019-10-01';

  it('is followed by the URL that Azure gave, until it is over or forgotten', async () => {
    const answers = [
      { status: 202 },
      { status: 200, body: { status: 'Succeeded' } },
      armError(404, 'NotFound', 'gone'),
    ];
    const azure = azureOf([
      route('POST', trigger, () => ({ status: 202, headers: { location } })),
      route(
        'GET',
        '/subscriptions/{s}/providers/Microsoft.PolicyInsights/asyncOperationResults/{id}',
        () => answers.shift() ?? { status: 500 },
      ),
    ]);
    const url = (await azure.write(held).startEvaluation('/subscriptions/s1')) ?? '';
    expect(url).toBe(location);
    const told = [await azure.read.evaluation(url), await azure.read.evaluation(url), await azure.read.evaluation(url)];
    expect(told).toEqual(['running', 'done', 'done']);
  });

  it('is started once, however Azure answers', async () => {
    const azure = azureOf([route('POST', trigger, () => armError(500, 'InternalServerError', 'x'))]);
    expect((await failure(azure.write(held).startEvaluation('/subscriptions/s1'))).code).toBe('AZ_UNAVAILABLE');
    expect(azure.sent('POST')).toHaveLength(1);
  });
});

describe('the restriction', () => {
  const catalogue = exampleCatalogue();
  const { azure: where } = catalogue;
  const scope = `/subscriptions/${where.subscription}`;
  const target = { scope, name: restrictionName, ...buildExclusions(scope, catalogue) };
  const settings = { effect: 'deny', galleries: [galleryId(where)] } as const;
  const of = (definition: object, assignment: object) =>
    azureOf([
      route('GET', under('Microsoft.Authorization/policyDefinitions'), () => properties(definition)),
      route('GET', under('Microsoft.Authorization/policyAssignments'), () => properties(assignment)),
    ]);
  const isSo = async (definition: object, assignment: object) =>
    isRestricted(await of(definition, assignment).read.restriction(target), target, settings);

  it('is known again as it was written, whatever the casing of ids', async () => {
    const written = restrictionAssignment(target, settings);
    expect(await isSo(restrictionDefinition(), written)).toBe(true);
    const notScopes = written.notScopes.map((id) => id.toUpperCase());
    expect(await isSo(restrictionDefinition(), { ...written, notScopes })).toBe(true);
  });

  it('is not so with an older definition, another effect, another gallery, or when it is not enforced', async () => {
    const written = restrictionAssignment(target, settings);
    const older = { ...restrictionDefinition(), metadata: { goldbot: 'older' } };
    const audit = restrictionAssignment(target, { ...settings, effect: 'audit' });
    const other = restrictionAssignment(target, { ...settings, galleries: ['/g'] });
    const off = { ...written, enforcementMode: 'DoNotEnforce' };
    const told = [await isSo(older, written)];
    for (const assignment of [audit, other, off]) told.push(await isSo(restrictionDefinition(), assignment));
    expect(told).toEqual([false, false, false, false]);
  });

  it('leaves out what builds images where it lies under the scope, and nothing elsewhere', () => {
    expect(target.notScopes).toEqual([`${scope}/resourceGroups/${where.buildResourceGroup}`]);
    expect(buildExclusions('/subscriptions/another', catalogue)).toEqual({ notScopes: [], buildGroups: [] });
  });
});
