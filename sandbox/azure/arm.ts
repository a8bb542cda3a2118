import { randomBytes, randomUUID } from 'node:crypto';
import type { Json, LroFault, Params, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';

/** ARM's error body. */
export function armError(status: number, code: string, message: string, details?: Json[]): SandboxResponse {
  return { status, body: { error: { code, message, ...(details && { details }) } } };
}

export function notFound(type: string, name: string, resourceGroup: string): SandboxResponse {
  const message = `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return armError(404, 'ResourceNotFound', message);
}

/** A key for a resource id: ARM compares ids case-insensitively. */
export const key = (id: string): string => id.toLowerCase();

export type OperationStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';

/** How a provider's operation bodies and URLs look. */
export interface OperationStyle {
  /** `Microsoft.Compute/locations/{loc}/capsOperations` and the like, without the leading `/subscriptions/S/providers/`. */
  readonly path: string;
  readonly upperCaseName?: boolean;
}

interface OperationError {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly code: string; readonly message: string }[];
}

export interface Operation {
  readonly name: string;
  status: OperationStatus;
  readonly startTime: string;
  endTime?: string;
  error?: OperationError;
  fault?: LroFault;
}

interface OperationsSection {
  operations: Record<string, Operation>;
}

/** Long-running operations of ARM: a status URL that clients poll, and an end brought about by a world event. */
export class Operations {
  constructor(private readonly world: World) {}

  private get all(): Record<string, Operation> {
    return this.world.section<OperationsSection>('operations', () => ({ operations: {} })).operations;
  }

  /** Starts an operation; `url` is what goes into Azure-AsyncOperation (signed in the real one, so opaque here too). */
  start(request: SandboxRequest, subscriptionId: string, style: OperationStyle): { operation: Operation; url: string } {
    const id = randomUUID();
    const name = style.upperCaseName ? id.toUpperCase() : id;
    const startTime = this.world.clock.now().toISOString();
    const operation: Operation = {
      name,
      status: 'InProgress',
      startTime,
      ...(request.lroFault && { fault: request.lroFault }),
    };
    this.all[id] = operation;
    const signature = `t=${this.world.clock.nowMs().toFixed(0)}&c=${randomBytes(12).toString('hex')}&s=${randomBytes(12).toString('hex')}&h=${randomBytes(8).toString('hex')}`;
    const version = request.url.searchParams.get('api-version') ?? '';
    const url = `https://management.azure.com/subscriptions/${subscriptionId}/providers/${style.path}/${id}?api-version=${version}&${signature}`;
    return { operation, url };
  }

  get(id: string): Operation | undefined {
    return this.all[id.toLowerCase()];
  }

  end(id: string, status: OperationStatus, atMs: number, error?: OperationError): void {
    const operation = this.get(id);
    if (operation?.status !== 'InProgress') return;
    operation.status = status;
    operation.endTime = new Date(atMs).toISOString();
    if (error) operation.error = error;
  }

  /** Answers a poll of the status URL; a `gone` fault answers 404, as an operation that has expired does. */
  poll(params: Params): SandboxResponse {
    const operation = this.get(params['operationId'] ?? '');
    if (!operation || operation.fault === 'gone') {
      return armError(404, 'NotFound', `The operation '${params['operationId']}' was not found.`);
    }
    const { fault: _, ...body } = operation;
    return { status: 200, body };
  }
}
