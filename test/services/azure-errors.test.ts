import { inspect } from 'node:util';
import { errorCatalogue } from '../../core/errors';
import type { Route, SandboxResponse } from '../../sandbox/kernel/types';
import { toUserError } from '../../services/azure/errors';
import { anyLook, armError, azureOf, failure, held, place } from './azure';

const template = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates/{t}';

function answering(response: SandboxResponse) {
  const route: Route = { method: 'GET', path: template, handle: () => response };
  return failure(anyLook(azureOf([route]).read));
}

const scope = '/subscriptions/1/resourceGroups/rg';
const cases: [why: string, status: number, code: string, message: string, expected: string][] = [
  ['a wrong request', 400, 'InvalidParameter', 'Required parameter x is missing.', 'AZ_BAD_REQUEST'],
  ['no token', 401, 'AuthenticationFailed', 'Authentication failed.', 'AZ_FORBIDDEN'],
  ['a missing role', 403, 'AuthorizationFailed', 'The client has no authorization.', 'AZ_FORBIDDEN'],
  ['a policy', 403, 'RequestDisallowedByPolicy', 'Resource was disallowed by policy.', 'AZ_POLICY'],
  ['a conflict', 409, 'Conflict', 'Another operation is in progress.', 'AZ_CONFLICT'],
  ['a failed precondition', 412, 'PreconditionFailed', 'The condition was not met.', 'AZ_CONFLICT'],
  ['a throttle', 429, 'TooManyRequests', 'Too many requests.', 'AZ_THROTTLED'],
  ['a quota', 409, 'QuotaExceeded', 'Quota exceeded.', 'AZ_QUOTA'],
  [
    'a quota by another name',
    409,
    'OperationNotAllowed',
    'Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Current Limit: 10.',
    'AZ_QUOTA',
  ],
  ['another ban', 409, 'OperationNotAllowed', 'The version cannot be deleted before its end of life.', 'AZ_CONFLICT'],
  ['no capacity', 409, 'SkuNotAvailable', 'The requested size is not available in westeurope.', 'AZ_QUOTA'],
  ['an error of its own', 500, 'InternalServerError', 'The server encountered an internal error.', 'AZ_UNAVAILABLE'],
  ['a gateway that waited', 504, 'GatewayTimeout', 'No response in time.', 'AZ_SILENT'],
  ['a request that took too long', 408, 'RequestTimeout', 'The request timed out.', 'AZ_SILENT'],
];

describe('what Azure refuses', () => {
  it.each(cases)('%s (%d %s) has one code of goldbot', async (...c) => {
    const [, status, code, message, expected] = c;
    const error = await answering(armError(status, code, message, { 'x-ms-request-id': 'q-1' }));
    expect(error.code).toBe(expected);
    expect(Object.keys(errorCatalogue)).toContain(error.code);
    expect(error.facts).toMatchObject({ status, azureCode: code, requestId: 'q-1' });
    expect(error.message).toContain('asking about the build of “x”');
    expect(error.hint).toMatch(/^[A-Z].*\.$/);
  });

  it('names the missing action and where it is missing', async () => {
    const said = `The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.VirtualMachineImages/imageTemplates/read' over scope '${scope}' or the scope is invalid.`;
    const error = await answering(armError(403, 'AuthorizationFailed', said));
    expect(error.message).toContain('“Microsoft.VirtualMachineImages/imageTemplates/read”');
    expect(error.facts).toMatchObject({ missingAction: 'Microsoft.VirtualMachineImages/imageTemplates/read', scope });
  });

  it('never tells anybody to let goldbot assign roles without the condition that says which', async () => {
    const definition = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/galleries/gold/images/u';
    const said = `The client 'c' with object id '0b1ec700-601d-4b07-8000-00000000b070' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '${definition}/providers/Microsoft.Authorization/roleAssignments/a' or the scope is invalid.`;
    const { hint } = await answering(armError(403, 'AuthorizationFailed', said));
    expect(hint).toContain('the role goldbot-access (deploy/roles/goldbot-access.json) to it on');
    expect(hint).toContain('/galleries/gold, with the condition that docs/roles.md has');
    expect(hint).not.toContain('az role assignment create');
  });

  it('names the action that is missing on a linked resource', async () => {
    const said = `The client has permission to perform action 'Microsoft.Compute/virtualMachines/write' on scope '/a'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '${scope}' (respectively).`;
    const error = await answering(armError(403, 'LinkedAuthorizationFailed', said));
    expect(error.facts).toMatchObject({
      missingAction: 'Microsoft.Network/virtualNetworks/subnets/join/action',
      scope,
    });
  });

  it('names the policy that forbids', async () => {
    const said = `Resource 'x' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"allowed-regions","id":"/p"},"policyDefinition":{"name":"d","id":"/d"}}]'.`;
    const error = await answering(armError(403, 'RequestDisallowedByPolicy', said));
    expect(error.message).toContain('“allowed-regions”');
  });

  it.each([
    ['over scope', `perform action 'A.B/c/read' over scope '${scope}' or the scope is invalid. If access was`],
    ['without an end', `perform action 'A.B/c/read' over scope '${scope}'.`],
    ['without quotes', `perform action A.B/c/read over scope ${scope} or the scope is invalid.`],
    [
      'of a linked scope',
      `perform action(s) 'A.B/c/read' on the linked scope(s) '${scope}' (respectively) or the linked`,
    ],
  ])('reads what is missing: %s', async (_, said) => {
    const client = `The client 'c' with object id '0b1ec700-601d-4b07-8000-00000000b070' does not have authorization to ${said}`;
    const error = await answering(armError(403, 'AuthorizationFailed', client));
    expect(error.facts).toMatchObject({ missingAction: 'A.B/c/read', scope });
    expect(error.hint).toContain('--assignee-object-id 0b1ec700-601d-4b07-8000-00000000b070');
    expect(error.hint).toContain('--scope /subscriptions/1”');
  });

  describe('a policy that gives its own reason', () => {
    const violation = (name: string, more: object = {}) => ({
      type: 'PolicyViolation',
      info: {
        policyAssignmentId: `/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/${name}`,
        policyAssignmentName: name,
        policyAssignmentScope: '/subscriptions/1',
        policyDefinitionDisplayName: 'Regions',
        evaluationDetails: {
          reason: 'Stay in Europe.',
          evaluatedExpressions: [
            { result: 'True', expressionKind: 'Field', expression: 'type', expressionValue: 't', operator: 'Equals' },
            {
              result: 'True',
              expressionKind: 'Field',
              expression: 'location',
              expressionValue: 'eastus',
              operator: 'NotIn',
            },
          ],
        },
        ...more,
      },
    });
    const message =
      "Resource 'x' was disallowed by policy. Reasons: 'Stay in Europe.'. See error details for policy resource IDs.";
    const refusal = (additionalInfo: object[]) => ({
      status: 403,
      body: { error: { code: 'RequestDisallowedByPolicy', target: 'x', message, additionalInfo } },
    });

    it('is named from the details, with its reason, what it looked at and how to ask for an exemption', async () => {
      const error = await answering(refusal([violation('europe')]));
      expect(error.message).toBe(
        'Azure forbade asking about the build of “x” by the policy assignment “europe” on /subscriptions/1. It says: "Stay in Europe.". What it looked at: “location” is “eastus”.',
      );
      expect(error.hint).toContain(
        '“az policy exemption create --name goldbot --exemption-category Waiver --policy-assignment /subscriptions/1/providers/Microsoft.Authorization/policyAssignments/europe --scope /subscriptions/',
      );
      expect(error.facts).toMatchObject({
        policy: 'europe',
        policyScope: '/subscriptions/1',
        policyDefinition: 'Regions',
      });
    });

    it('is named as well where a PUT was refused, of whose body the client keeps nothing', async () => {
      const machine = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/virtualMachines/{vm}';
      const routes = ['GET', 'PUT'].map((method): Route => {
        const gone = { status: 404, body: { error: { code: 'ResourceNotFound', message: 'No.' } } };
        return { method, path: machine, handle: () => (method === 'PUT' ? refusal([violation('europe')]) : gone) };
      });
      const spec = { versionId: '/v', subnetId: '/s', vmSize: 'Standard_D2s_v5', os: 'Linux', tags: {} } as const;
      const error = await failure(azureOf(routes).write(held).createTestMachine(place, 'm', spec));
      expect(error).toMatchObject({ code: 'AZ_POLICY', facts: { policy: 'europe', policyScope: '/subscriptions/1' } });
    });

    it('gets no command into the one that people are told to paste', async () => {
      const error = await answering(refusal([violation("x'; rm -rf ~; '")]));
      expect(error.hint).toContain(`policyAssignments/x'\\''; rm -rf ~; '\\''' --scope `);
      expect(error.hint).toContain("--policy-assignment '/subscriptions/1/");
    });

    it('is one of all that forbid', async () => {
      const error = await answering(
        refusal([violation('europe'), violation('b', { policyAssignmentDisplayName: 'Tags' })]),
      );
      expect(error.message).toContain('assignments “europe” on /subscriptions/1 and “Tags” on /subscriptions/1.');
    });

    it('is found in the details of a deployment too', async () => {
      const inner = { ...refusal([violation('europe')]).body.error };
      const body = { error: { code: 'RequestDisallowedByPolicy', message, details: [inner] } };
      const error = await answering({ status: 403, body });
      expect(error.facts).toMatchObject({ policy: 'europe' });
    });
  });

  it('says when to try again if Azure says it in milliseconds', async () => {
    const error = await answering(armError(429, 'TooManyRequests', 'Slow.', { 'x-ms-retry-after-ms': '90000' }));
    expect(error).toMatchObject({
      retryAfterMs: 90_000,
      facts: { retryAfterSeconds: 90 },
      hint: 'Try again in 90 seconds.',
    });
  });

  it('keeps the technical text for the log, without request, response, signature or key, and shows people none either', async () => {
    const said =
      'See https://x.blob.core.windows.net/a?sv=1&sig=c2VjcmV0&se=2 with Bearer eyJhbGciOi.abc AccountKey=hunter2;';
    const error = await answering(armError(400, 'Bad', said));
    expect((error.cause as Error).message).toMatch(/^asking about the build of “x”: 400 Bad See/);
    expect(inspect(error, { depth: 20 })).not.toMatch(/c2VjcmV0|eyJhbGciOi|hunter2/);
    expect(Object.keys(error.cause as object)).toEqual([]);
  });

  it.each<[string, object, string, string, string]>([
    [
      ...(['that does not sign goldbot in', { name: 'CredentialUnavailableError' }, 'AZ_FORBIDDEN'] as const),
      'goldbot could not sign in to Azure while asking about x.',
      "Check the identity in goldbot's settings, then repeat the command.",
    ],
    [
      ...(['that hangs up', { name: 'RestError', code: 'ECONNRESET' }, 'AZ_SILENT'] as const),
      'The connection to Azure broke while asking about x (ECONNRESET).',
      'Try again in a minute.',
    ],
    [
      ...(['that nobody finds', { name: 'RestError', code: 'ENOTFOUND' }, 'AZ_UNAVAILABLE'] as const),
      'Azure could not be reached while asking about x (ENOTFOUND).',
      "Check goldbot's network connection, then repeat the command.",
    ],
    [
      ...([
        'that a policy rules without telling its name',
        { statusCode: 403, code: 'RequestDisallowedByPolicy' },
      ] as const),
      'AZ_POLICY',
      'Azure forbade asking about x by an Azure Policy assignment.',
      'Ask the owner of the policy for an exemption, or change the catalogue so that it fits.',
    ],
    [
      'in which something else has that name',
      { statusCode: 409, code: 'Conflict', message: 'The name is not unique.' },
      'AZ_BAD_REQUEST',
      'What was asked for does not fit what there is: asking about x was not possible. The name is not unique.',
      'Correct what Azure names, then rebuild the run or repeat the command.',
    ],
    [
      'that is busy',
      { statusCode: 409, code: 'Conflict', message: 'Another operation is in progress.' },
      'AZ_CONFLICT',
      'Azure is busy with the same resource: asking about x has to wait. Another operation is in progress.',
      'Wait until Azure is done with it; goldbot tries again on its own.',
    ],
  ])('says of an Azure %s what happened and what to do', (_, thrown, code, message, hint) => {
    expect(toUserError(thrown, 'asking about x')).toMatchObject({ code, message, hint });
  });

  it('leaves a mistake of goldbot a mistake', async () => {
    const error = await answering({ status: 200, body: { properties: {} } });
    expect(error.name).toBe('TypeError');
  });
});
