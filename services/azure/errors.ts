import { type ErrorCode, isUserError, UserError } from '../../core/errors';
import { missingRight, type PolicyViolation, policyViolations, refusalBody } from './refusal';
import { retryAfterMs } from './retry';

/** What Azure's clients throw, as far as goldbot looks at it. Told by shape: `instanceof` fails across package copies. */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly details?: unknown;
  readonly request?: { readonly url?: string };
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

interface Explanation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly facts?: Record<string, string | number>;
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
]);

/**
 * The one place where errors of Azure's clients become errors for people. `action` names what was being done and to
 * what: "starting the build of `x`". What is no answer of Azure's is a bug and is returned as it is.
 */
export function toUserError(error: unknown, action: string): unknown {
  if (isUserError(error) || typeof error !== 'object' || error === null) return error;
  const sdk = error as SdkError;
  const explained = explain(sdk, action);
  if (!explained) return error;
  const facts = { ...factsOf(sdk), ...explained.facts };
  // A cause without request and response: they carry the token.
  const cause = new Error(
    `${action}: ${sdk.statusCode ?? sdk.name ?? ''} ${sdk.code ?? ''} ${scrub(azureMessage(sdk))}`,
  );
  return new UserError(explained.code, explained.message, { hint: explained.hint, facts, cause });
}

/** The status of an SDK error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as SdkError | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
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

/** Removes what could be a credential from a text of Azure's. */
export function scrub(text: string): string {
  return text.replace(/\b(bearer)\s+[\w.~+/=-]+/gi, '$1 …').replace(/([?&](?:sig|s|c|h|t)=)[^&\s"']+/gi, '$1…');
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
    return { code: 'AZ_UNAVAILABLE', message, hint: "Check goldbot's way to the network, then repeat the command." };
  }
  const message = `The connection to Azure broke while ${action} (${code}).`;
  return { code: 'AZ_SILENT', message, hint: 'Try again in a minute.' };
}

function byCode(sdk: SdkError, action: string): Explanation | undefined {
  const text = azureMessage(sdk);
  const code = sdk.code ?? '';
  if (code === 'RequestDisallowedByPolicy') return disallowed(sdk, action);
  const quota = quotaCodes.has(code) || (code === 'OperationNotAllowed' && /quota/i.test(text));
  if (quota) {
    const hint = 'Ask for more quota in the Azure portal (Quotas), or choose another VM size in the catalogue.';
    return { code: 'AZ_QUOTA', message: `The subscription has no quota left for ${action}. ${oneLine(text)}`, hint };
  }
  if (capacityCodes.has(code)) {
    const hint = 'Choose another VM size in the catalogue, or try again later.';
    return { code: 'AZ_QUOTA', message: `Azure has no capacity now for ${action}. ${oneLine(text)}`, hint };
  }
  return undefined;
}

function byStatus(status: number, sdk: SdkError, action: string): Explanation | undefined {
  const said = oneLine(azureMessage(sdk));
  if (status === 401 || status === 403) return forbidden(sdk, action);
  if (status === 404) {
    const message = `Azure has no such resource: ${action} was not possible. ${said}`;
    return { code: 'AZ_NOT_FOUND', message, hint: 'Check the names in `catalog/azure.yaml`, then repeat the command.' };
  }
  if (status === 409 || status === 412 || (status === 405 && sdk.code === 'OperationNotAllowed')) {
    const now = sdk.code === 'OperationNotAllowed' ? 'does not allow it now' : 'is busy with the same resource';
    const message = `Azure ${now}: ${action} has to wait. ${said}`;
    return { code: 'AZ_CONFLICT', message, hint: 'Wait until Azure is done with it; goldbot tries again by itself.' };
  }
  if (status === 429) {
    const ms = sdk.response?.headers && retryAfterMs(sdk.response.headers);
    const seconds = ms === undefined ? undefined : Math.ceil(ms / 1000);
    const hint = seconds === undefined ? 'Try again in a minute.' : `Try again in ${seconds} seconds.`;
    const facts = seconds === undefined ? {} : { retryAfterSeconds: seconds };
    return { code: 'AZ_THROTTLED', message: `Azure asked goldbot to slow down while ${action}.`, hint, facts };
  }
  if (status === 408) {
    return {
      code: 'AZ_SILENT',
      message: `Azure did not answer in time while ${action}.`,
      hint: 'Try again in a minute.',
    };
  }
  if (status >= 500) {
    const message = `Azure answered with an error of its own (${status}) while ${action}.`;
    return { code: 'AZ_UNAVAILABLE', message, hint: 'Look at Azure status, and try again in a few minutes.' };
  }
  const message = `Azure refused ${action}: ${said}`;
  return { code: 'AZ_BAD_REQUEST', message, hint: 'Correct the catalogue where it says so, then repeat the command.' };
}

/** Who forbids it, why as far as Azure tells, and whom to ask for what. */
function disallowed(sdk: SdkError, action: string): Explanation {
  const violations = policyViolations(refusalBody(sdk.request) ?? sdk.details, azureMessage(sdk));
  const [first] = violations;
  if (!first) {
    const hint = 'Ask the owner of the policy for an exemption, or change the catalogue so that it fits.';
    return { code: 'AZ_POLICY', message: `Azure forbade ${action} by an Azure Policy assignment.`, hint };
  }
  const named = violations.map(({ assignment, scope }) => `\`${scrub(assignment)}\`${scope ? ` on ${scope}` : ''}`);
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
  const seen = looked.map(({ field, value }) => `\`${field}\` is \`${oneLine(value)}\``);
  return [
    ...(reason ? [`It says: "${oneLine(reason)}".`] : []),
    ...(seen.length > 0 ? [`What it looked at: ${seen.join(', ')}.`] : []),
  ];
}

function exemptionHint({ assignment, assignmentId }: PolicyViolation, url: string | undefined): string {
  const group = /\/subscriptions\/[^/]+\/resourceGroups\/[^/?]+/i.exec(url ?? '')?.[0];
  const command = 'az policy exemption create --name goldbot --exemption-category Waiver';
  const ask = `Ask the owner of the policy assignment \`${assignment}\` for an exemption`;
  const how =
    assignmentId && group
      ? ` (\`${command} --policy-assignment ${shellWord(assignmentId)} --scope ${shellWord(group)}\`)`
      : '';
  return `${ask}${how}, or change the catalogue so that it fits; then \`rebuild\` the run or repeat the command.`;
}

/** People paste it into a shell, and who names a policy assignment may put blanks and worse into its name. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replace(/[`\n]/g, ' ').replaceAll("'", `'\\''`)}'`;
}

/** Actions of the role that goldbot has where teams are, and not where images are built. */
const forTeams =
  /^Microsoft\.(?:Resources\/tags|Authorization\/policy|PolicyInsights\/|Compute\/virtualMachines\/runCommands\/delete)/i;

function forbidden(sdk: SdkError, action: string): Explanation {
  const { action: missing, scope, objectId } = missingRight(azureMessage(sdk));
  const lacks = missing ? `goldbot's identity lacks \`${missing}\`` : "goldbot's identity lacks a role assignment";
  const where = /^\/(?:subscriptions|providers\/Microsoft\.Management\/managementGroups)\/[^/]+/i.exec(
    scope ?? '',
  )?.[0];
  const [role, file] = forTeams.test(missing ?? '') ? ['goldbot-teams', 'role-teams'] : ['goldbot', 'role'];
  const again = 'then repeat the command; a run goes on by itself';
  return {
    code: 'AZ_FORBIDDEN',
    message: `Azure did not allow ${action}: ${lacks}${scope ? ` on ${scope}` : ''}.`,
    hint:
      missing && objectId && where
        ? `Let an Azure administrator run \`az role definition update --role-definition deploy/${file}.json\` and \`az role assignment create --role ${role} --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --scope ${where}\`, ${again}.`
        : `Assign goldbot's identity a role with ${missing ? 'this action' : 'the needed actions'}, ${again}.`,
    facts: { ...(missing && { missingAction: missing }), ...(scope && { scope }) },
  };
}

function factsOf(sdk: SdkError): Record<string, string | number> {
  const headers = sdk.response?.headers;
  const requestId = headers?.get('x-ms-correlation-request-id') ?? headers?.get('x-ms-request-id');
  return {
    ...(sdk.statusCode !== undefined && { status: sdk.statusCode }),
    ...(sdk.code && { azureCode: sdk.code }),
    ...(requestId && { requestId }),
  };
}

/** Resource Graph and Compute put the cause into `details`; ARM into the message. */
function azureMessage(sdk: SdkError): string {
  const own = sdk.message ?? '';
  const nested = (sdk.details as { error?: { details?: unknown } } | undefined)?.error?.details;
  const inner = Array.isArray(nested) ? nested.map((d: { message?: string }) => d?.message).filter(Boolean) : [];
  return [own, ...inner].join(' ');
}

function oneLine(text: string): string {
  const line = scrub(text).replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
