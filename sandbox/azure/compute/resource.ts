import type { Json } from '../../kernel/types';

export type JsonObject = { [key: string]: Json };

/** A resource as ARM answers it. */
export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  location: string;
  tags?: { [name: string]: string };
  sku?: JsonObject;
  kind?: string;
  identity?: JsonObject;
  plan?: JsonObject;
  zones?: string[];
  etag?: string;
  managedBy?: string;
  properties: JsonObject;
}

/** When one region of a gallery version gets its replicas, in world time. */
export interface RegionReplication {
  readonly region: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed?: boolean;
}

/** The parameters of a synthetic estate; its VMs are computed from them and never stored. */
export interface SeedParameters {
  readonly vms: number;
  readonly teams: number;
  readonly seed: number;
  readonly startMs: number;
}

export interface ResourceGroup {
  readonly id: string;
  readonly name: string;
  readonly type: 'Microsoft.Resources/resourceGroups';
  readonly location: string;
  tags: Record<string, string>;
  readonly managedBy?: string;
  readonly properties: { provisioningState: 'Succeeded' | 'Deleting' };
}

/** Narrow access to ARM's nested JSON: an object, or an empty one when there is none. */
export function object(value: Json | unknown): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
