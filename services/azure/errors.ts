import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { nameOfId, parseAzureId } from '../../core/azure-id';
import { assignCommand, roleWith, scopeFor, updateCommand } from '../../core/azure-roles';
import { type ErrorCode, isUserError, UserError, type UserErrorOptions } from '../../core/errors';
import { withoutSecrets } from '../../core/log';
import { believedMs } from '../../core/time';
import { toldOf } from './refusals';

/**
 * What Azure's clients throw, as far as goldbot looks at it. Known by shape: `instanceof` fails across package copies.
 */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly details?: unknown;
  readonly request?: { readonly url?: string };
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

interface Explanation extends Pick<UserErrorOptions, 'hint' | 'facts' | 'again' | 'retryAfterMs'> {
  readonly code: ErrorCode;
  readonly message: string;
}

const neverReached = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
]);
const quotaCodes = new Set(['QuotaExceeded', 'ResourceQuotaExceeded', 'SubscriptionQuotaExceeded']);
const capacityCodes = new Set([
  'SkuNotAvailable',
  'AllocationFailed',
  'ZonalAllocationFailed',
  'OverconstrainedAllocationRequest',
  'OverconstrainedZonalAllocationRequest',
]);

/**
 * The one place where errors of Azure's clients become errors for people. `action` names what was being done and to
 * what: "starting the build of `x`". An error that is not Azure's answer is a bug and is returned unchanged.
 */
export function toUserError(error: unknown, action: string): unknown {
  if (isUserError(error) || typeof error !== 'object' || error === null) return error;
  const sdk = error as SdkError;
  const explained = explain(sdk, action);
  if (!explained) return error;
  const facts = { ...factsOf(sdk), ...explained.facts };
  // A cause without request and response: they carry the token.
  const cause = new Error(`${action}: ${sdk.statusCode ?? sdk.name ?? ''} ${sdk.code ?? ''} ${azureMessage(sdk)}`);
  const { code, message, ...options } = explained;
  return new UserError(code, message, { ...options, facts, cause });
}

/** The status of an SDK error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as SdkError | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** Azure's own code: `ImageVersionDeprecated`; undefined when there was no answer or it named none. */
export function codeOf(error: unknown): string | undefined {
  return (error as SdkError | null)?.code;
}

/** How long Azure asks to wait, in milliseconds; undefined when it does not say. */
export function retryAfterMs(headers: { get(name: string): string | undefined }): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = headers.get(name);
    if (ms !== undefined && /^\d+$/.test(ms)) return believedMs(Number(ms));
  }
  const after = headers.get('retry-after');
  if (after === undefined) return undefined;
  if (/^\d+$/.test(after)) return believedMs(Number(after) * 1000);
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : believedMs(at - Date.now());
}

/** The answer, or undefined when Azure says that there is no such thing. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Removes what could be a credential from a text that Azure or a guest wrote, before anybody sees or keeps it. */
export function scrub(text: string): string {
  return withoutSecrets(text).replace(/([?&](?:s|c|h|t)=)[^&\s"']+/gi, '$1[cut]');
}

function explain(sdk: SdkError, action: string): Explanation | undefined {
  if (sdk.statusCode === undefined) return withoutAnswer(sdk, action);
  const special = byCode(sdk, action);
  return special ?? byStatus(sdk.statusCode, sdk, action);
}

function withoutAnswer(sdk: SdkError, action: string): Explanation | undefined {
  const { name = '', code = '' } = sdk;
  if (name === 'AbortError' || name === 'TimeoutError') {
    const message = `Azure did not answer in time while ${action}.`;
    return { code: 'AZ_SILENT', message, hint: 'Try again in a minute.' };
  }
  if (/Authentication|CredentialUnavailable/.test(name)) {
    const message = `goldbot could not sign in to Azure while ${action}.`;
    return {
      code: 'AZ_FORBIDDEN',
      message,
      hint: "Check the identity in goldbot's settings, then repeat the command.",
    };
  }
  if (name !== 'RestError') return undefined;
  if (neverReached.has(code)) {
    const message = `Azure could not be reached while ${action} (${code}).`;
    return { code: 'AZ_UNAVAILABLE', message, hint: "Check goldbot's network connection, then repeat the command." };
  }
  const message = `The connection to Azure broke while ${action} (${code}).`;
  return { code: 'AZ_SILENT', message, hint: 'Try again in a minute.' };
}

function byCode(sdk: SdkError, action: string): Explanation | undefined {
  const text = azureMessage(sdk);
  const code = sdk.code ?? '';
  if (code === 'RequestDisallowedByPolicy') return disallowed(sdk, action);
  const told = toldOf(code, { action, said: text, shown: oneLine(text) });
  if (told) return told;
  const quota = quotaCodes.has(code) || (code === 'OperationNotAllowed' && /quota/i.test(text));
  if (quota) {
    const hint = 'Ask for more quota in the Azure portal (Quotas), or choose another VM size in the catalogue.';
    return { code: 'AZ_QUOTA', message: `The subscription has no quota left for ${action}. ${oneLine(text)}`, hint };
  }
  if (capacityCodes.has(code)) {
    const hint = 'Choose another VM size in the catalogue, or try again later.';
    return { code: 'AZ_QUOTA', message: `Azure currently has no capacity for ${action}. ${oneLine(text)}`, hint };
  }
  return undefined;
}

function byStatus(status: number, sdk: SdkError, action: string): Explanation | undefined {
  const said = oneLine(azureMessage(sdk));
  if (status === 401 || status === 403) return forbidden(sdk, action);
  if (status === 404) {
    const message = `Azure has no such resource: ${action} was not possible. ${said}`;
    return { code: 'AZ_NOT_FOUND', message, hint: 'Check the names in catalog/azure.yaml, then repeat the command.' };
  }
  if (status === 409 || status === 412 || (status === 405 && sdk.code === 'OperationNotAllowed')) {
    // A version that is protected, a disk that is too small: Azure calls it a conflict, but it does not pass by itself.
    const again = sdk.code === 'OperationNotAllowed' ? { again: 'once fixed' as const } : {};
    if (again.again && !/\bstate\b/i.test(said)) {
      const hint = 'Change what Azure names, then rebuild the run or repeat the command.';
      return { code: 'AZ_CONFLICT', message: `Azure does not allow ${action}. ${said}`, hint, ...again };
    }
    const now = again.again ? 'does not allow it now' : 'is busy with the same resource';
    return {
      code: 'AZ_CONFLICT',
      message: `Azure ${now}: ${action} has to wait. ${said}`,
      hint: 'Wait until Azure is done with it; goldbot tries again on its own.',
      ...again,
    };
  }
  if (status === 429) {
    const ms = sdk.response?.headers && retryAfterMs(sdk.response.headers);
    const message = `Azure asked goldbot to slow down while ${action}.`;
    if (ms === undefined) return { code: 'AZ_THROTTLED', message, hint: 'Try again in a minute.' };
    const wait = Math.ceil(ms / 1000);
    const hint = `Try again in ${wait} seconds.`;
    return { code: 'AZ_THROTTLED', message, hint, facts: { retryAfterSeconds: wait }, retryAfterMs: ms };
  }
  if (status === 408) {
    return {
      code: 'AZ_SILENT',
      message: `Azure did not answer in time while ${action}.`,
      hint: 'Try again in a minute.',
    };
  }
  if (status >= 500) {
    const message = `Azure answered with a server error (${status}) while ${action}.`;
    return { code: 'AZ_UNAVAILABLE', message, hint: 'Check the Azure status page, and try again in a few minutes.' };
  }
  const message = `Azure refused ${action}: ${said}`;
  return {
    code: 'AZ_BAD_REQUEST',
    message,
    hint: 'Correct the catalogue entry that Azure names, then repeat the command.',
  };
}

/** Who forbids it, why (as far as Azure says), and whom to ask for what. */
function disallowed(sdk: SdkError, action: string): Explanation {
  const violations = policyViolations(refusalBody(sdk.request) ?? sdk.details, azureMessage(sdk));
  const [first] = violations;
  if (!first) {
    const hint = 'Ask the owner of the policy for an exemption, or change the catalogue so that it fits.';
    return { code: 'AZ_POLICY', message: `Azure forbade ${action} by an Azure Policy assignment.`, hint };
  }
  const named = violations.map(({ assignment, scope }) => `“${scrub(assignment)}”${scope ? ` on ${scope}` : ''}`);
  const by = `by the policy assignment${named.length > 1 ? 's' : ''} ${named.join(' and ')}`;
  const { assignmentId, scope, definition } = first;
  return {
    code: 'AZ_POLICY',
    message: [`Azure forbade ${action} ${by}.`, ...violations.flatMap(whyOf)].join(' '),
    hint: exemptionHint(first, sdk.request?.url),
    facts: {
      policy: first.assignment,
      ...(assignmentId && { policyAssignmentId: assignmentId }),
      ...(scope && { policyScope: scope }),
      ...(definition && { policyDefinition: definition }),
    },
  };
}

function whyOf({ reason, looked }: PolicyViolation): readonly string[] {
  const seen = looked.map(({ field, value }) => `“${field}” is “${oneLine(value)}”`);
  return [
    ...(reason ? [`It says: "${oneLine(reason)}".`] : []),
    ...(seen.length > 0 ? [`What it looked at: ${seen.join(', ')}.`] : []),
  ];
}

function exemptionHint({ assignment, assignmentId }: PolicyViolation, url: string | undefined): string {
  const group = /\/subscriptions\/[^/]+\/resourceGroups\/[^/?]+/i.exec(url ?? '')?.[0];
  const command = 'az policy exemption create --name goldbot --exemption-category Waiver';
  const ask = `Ask the owner of the policy assignment “${assignment}” for an exemption`;
  const how =
    assignmentId && group
      ? ` (“${command} --policy-assignment ${shellWord(assignmentId)} --scope ${shellWord(group)}”)`
      : '';
  return `${ask}${how}, or change the catalogue so that it fits; then rebuild the run or repeat the command.`;
}

/** People paste it into a shell, and a policy assignment's name may contain spaces and worse. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replace(/[`\n]/g, ' ').replaceAll("'", `'\\''`)}'`;
}

function forbidden(sdk: SdkError, action: string): Explanation {
  const { action: missing, scope, objectId } = missingRight(azureMessage(sdk));
  const lacks = missing ? `goldbot's identity lacks “${missing}”` : "goldbot's identity lacks a role assignment";
  // Of several that are missing the first: once it is there, Azure names the next.
  const [first = '', at = ''] = [missing, scope].map((all) => all?.split(', ')[0]);
  const again = 'then repeat the command; a run continues on its own';
  return {
    code: 'AZ_FORBIDDEN',
    message: `Azure did not allow ${action}: ${lacks}${scope ? ` on ${scope}` : ''}.`,
    hint: `${objectId && at !== '' ? givenBy(first, { objectId, scope: at }) : `Assign goldbot's identity a role with ${missing ? 'this action' : 'the needed actions'}`}, ${again}.`,
    facts: {
      ...(missing && { missingAction: missing }),
      ...(scope && { scope }),
      ...(objectId && { identity: objectId }),
    },
  };
}

/** No role of goldbot's has what no request of its was seen to need: Azure may still ask for it. */
function givenBy(action: string, to: { readonly objectId: string; readonly scope: string }): string {
  const role = roleWith(action, to.scope);
  if (role?.conditioned) {
    return `Have an Azure administrator assign the role ${role.name} (deploy/roles/${role.name}.json) to it on ${scopeFor(role, to.scope)}, with the condition that docs/roles.md has and never without`;
  }
  if (role) return `Have an Azure administrator run “${updateCommand(role)}” and “${assignCommand(role, to)}”`;
  const other = assignCommand({ name: '<role>', at: 'subscription' }, to);
  return `Have an Azure administrator make a role with this action and run “${other}”`;
}

function factsOf(sdk: SdkError): NonNullable<UserErrorOptions['facts']> {
  const headers = sdk.response?.headers;
  const requestId = headers?.get('x-ms-correlation-request-id') ?? headers?.get('x-ms-request-id');
  return {
    ...(sdk.statusCode !== undefined && { status: sdk.statusCode }),
    ...(sdk.code && { azureCode: sdk.code }),
    ...(requestId && { requestId }),
  };
}

/**
 * Resource Graph and Compute put the cause into `details`; ARM into the message. Of a list that comes in pages the client
 * keeps neither (“Pagination failed”): the answer itself has it.
 */
function azureMessage(sdk: SdkError): string {
  const { message, details } = fields(fields(refusalBody(sdk.request) ?? sdk.details)['error']);
  const inner = items(details).flatMap((detail) => text(fields(detail)['message']) ?? []);
  return scrub([text(message) ?? sdk.message ?? '', ...inner].join(' '));
}

function oneLine(text: string): string {
  const line = scrub(text).replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Who forbade something and where, as Azure Policy's details have it. */
export interface PolicyViolation {
  /** What people call the assignment. */
  readonly assignment: string;
  readonly assignmentId?: string;
  readonly scope?: string;
  readonly definition?: string;
  /** The assignment's own message to those it refuses. */
  readonly reason?: string;
  /** The properties that it evaluated, with their values; at most three, without the type. */
  readonly looked: readonly { readonly field: string; readonly value: string }[];
}

/** What a caller lacks, as ARM's sentence names it. */
export interface MissingRight {
  /** Several are separated by commas. */
  readonly action?: string;
  readonly scope?: string;
  /** Entra object id of the caller. */
  readonly objectId?: string;
}

/** Bodies of refusals, by the request that they answered; collected with the request. */
const bodies = new WeakMap<object, string>();

/** Keeps what the clients' error models leave out: `additionalInfo`, and the whole body of a refused PUT. */
export const refusalPolicy: PipelinePolicy = {
  name: 'goldbotRefusals',
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status >= 400 && response.bodyAsText) bodies.set(request, response.bodyAsText);
    else bodies.delete(request);
    return response;
  },
};

/** The error body that answered a request, when there was one. */
export function refusalBody(request: object | undefined): unknown {
  const text = request && bodies.get(request);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The violations of a refusal, from its details or else from its message. */
export function policyViolations(body: unknown, message: string): readonly PolicyViolation[] {
  const told = infosIn(body).flatMap((info) => violationOf(info) ?? []);
  return told.length > 0 ? told : namedIn(message);
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A deployment nests the refusals of its resources in `details`, however deep. */
function infosIn(value: unknown, depth = 0): readonly unknown[] {
  if (depth > 6) return [];
  const { error, additionalInfo, details } = fields(value);
  const own = items(additionalInfo).filter((info) => fields(info)['type'] === 'PolicyViolation');
  return [
    ...own.map((info) => fields(info)['info']),
    ...(error === undefined ? [] : infosIn(error, depth + 1)),
    ...items(details).flatMap((detail) => infosIn(detail, depth + 1)),
  ];
}

function violationOf(value: unknown): PolicyViolation | undefined {
  const info = fields(value);
  const assignmentId = text(info['policyAssignmentId']);
  const name = text(info['policyAssignmentDisplayName']) ?? text(info['policyAssignmentName']);
  const assignment = name ?? (assignmentId && nameOfId(assignmentId));
  if (assignment === undefined) return undefined;
  const evaluated = fields(info['evaluationDetails']);
  const scope = text(info['policyAssignmentScope']) ?? scopeOf(assignmentId);
  const definition = text(info['policyDefinitionDisplayName']) ?? text(info['policyDefinitionName']);
  const reason = text(evaluated['reason']);
  return {
    assignment,
    ...(assignmentId !== undefined && { assignmentId }),
    ...(scope !== undefined && { scope }),
    ...(definition !== undefined && { definition }),
    ...(reason !== undefined && { reason }),
    looked: lookedAt(items(evaluated['evaluatedExpressions']).map(fields)),
  };
}

function scopeOf(assignmentId: string | undefined): string | undefined {
  return parseAzureId(assignmentId ?? '')?.scope || undefined;
}

/** That a machine is a machine is not a reason. */
function lookedAt(expressions: readonly Fields[]): PolicyViolation['looked'] {
  const found = expressions.flatMap(({ expressionKind, expression, expressionValue: value }) => {
    const field = expressionKind === 'Field' && expression !== 'type' ? text(expression) : undefined;
    if (field === undefined) return [];
    return [[field, value === undefined ? 'not set' : (text(value) ?? JSON.stringify(value))] as const];
  });
  return [...new Map(found)].slice(0, 3).map(([field, value]) => ({ field, value }));
}

/** `Policy identifiers: '[{"policyAssignment":{"name":…,"id":…},…}]'`, even when quoted inside another message. */
function namedIn(message: string): readonly PolicyViolation[] {
  const plain = message.replaceAll('\\"', '"');
  const pattern = /"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"(?:,\s*"id":\s*"([^"]+)")?/g;
  return [...plain.matchAll(pattern)].map(([, assignment = '', assignmentId]) => {
    const scope = scopeOf(assignmentId);
    return { assignment, ...(assignmentId && { assignmentId }), ...(scope && { scope }), looked: [] };
  });
}

/**
 * What ARM says is missing. In a refusal on a linked resource it is the second action and scope; the first is what the
 * caller may do.
 */
export function missingRight(message: string): MissingRight {
  const lack = message.split(/\bhowever,/i).at(-1) ?? message;
  const action = /perform (?:the )?actions?(?:\(s\))?:? (?:'([^']+)'|([\w.]+\/[\w./*$-]+))/i.exec(lack);
  const scope = /(?:over|on the linked) scopes?(?:\(s\))?:? (?:'([^']+)'|(\/\S+))/i.exec(lack);
  const objectId = /object id '?([0-9a-f-]{36})'?/i.exec(message)?.[1];
  const named = { action: action?.[1] ?? action?.[2], scope: (scope?.[1] ?? scope?.[2])?.replace(/[.,;]$/, '') };
  return {
    ...(named.action !== undefined && { action: named.action }),
    ...(named.scope !== undefined && { scope: named.scope }),
    ...(objectId !== undefined && { objectId }),
  };
}
