import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Who forbade something and where, as Azure Policy's details have it. */
export interface PolicyViolation {
  /** What people call the assignment. */
  readonly assignment: string;
  readonly assignmentId?: string;
  readonly scope?: string;
  readonly definition?: string;
  /** What the assignment says to whom it refuses. */
  readonly reason?: string;
  /** The properties that it looked at and what they were, the type apart; at most three. */
  readonly looked: readonly { readonly field: string; readonly value: string }[];
}

/** What a caller lacks, as ARM's sentence has it. */
export interface MissingRight {
  /** Several are separated by commas. */
  readonly action?: string;
  readonly scope?: string;
  /** Entra object id of the caller. */
  readonly objectId?: string;
}

/** Bodies of refusals by the request that they answer; gone with the request. */
const bodies = new WeakMap<object, string>();

/** Keeps what the clients' models leave out of an error: `additionalInfo`, and the whole body of a refused PUT. */
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

/** The violations of a refusal: from its details, otherwise from what the message names. */
export function policyViolations(body: unknown, message: string): readonly PolicyViolation[] {
  const told = infosIn(body).flatMap((info) => violationOf(info) ?? []);
  return told.length > 0 ? told : namedIn(message);
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A deployment has the refusals of its resources in `details`, however deep. */
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
  const assignment = name ?? assignmentId?.split('/').at(-1);
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
  const at = assignmentId?.toLowerCase().lastIndexOf('/providers/microsoft.authorization/') ?? -1;
  return at > 0 ? assignmentId?.slice(0, at) : undefined;
}

/** That a machine is a machine is no reason. */
function lookedAt(expressions: readonly Fields[]): PolicyViolation['looked'] {
  const found = expressions.flatMap(({ expressionKind, expression, expressionValue: value }) => {
    const field = expressionKind === 'Field' && expression !== 'type' ? text(expression) : undefined;
    if (field === undefined) return [];
    return [[field, value === undefined ? 'not set' : (text(value) ?? JSON.stringify(value))] as const];
  });
  return [...new Map(found)].slice(0, 3).map(([field, value]) => ({ field, value }));
}

/** `Policy identifiers: '[{"policyAssignment":{"name":…,"id":…},…}]'`, also where it stands in a text of somebody else's. */
function namedIn(message: string): readonly PolicyViolation[] {
  const plain = message.replaceAll('\\"', '"');
  const pattern = /"policyAssignment":\s*\{\s*"name":\s*"([^"]+)"(?:,\s*"id":\s*"([^"]+)")?/g;
  return [...plain.matchAll(pattern)].map(([, assignment = '', assignmentId]) => {
    const scope = scopeOf(assignmentId);
    return { assignment, ...(assignmentId && { assignmentId }), ...(scope && { scope }), looked: [] };
  });
}

/**
 * What ARM says that is missing. Of a refusal on a linked resource it is the second action and scope: the first is what
 * the caller may do.
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
