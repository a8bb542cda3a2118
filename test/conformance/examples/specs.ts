import { sharedFiles, sharedJson } from '../shared';
import { used } from '../used';

/** Method and address of an operation, with `{parameters}` in it. */
export interface Operation {
  readonly provider: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

export interface ExampleResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An official example: one request of one operation and its possible responses. */
export interface Example extends Operation {
  /** The operation and what the specification calls the example; with the api-version, as several have the same. */
  readonly title: string;
  readonly apiVersion: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly responses: readonly ExampleResponse[];
}

/** Folders of `azure-specs/specification` whose examples are read. */
export const exampleFolders: readonly string[] = [
  'compute/resource-manager/Microsoft.Compute/GalleryRP/stable/2023-07-03',
  'compute/resource-manager/Microsoft.Compute/ComputeRP/stable/2024-07-01',
  'compute/resource-manager/Microsoft.Compute/DiskRP/stable/2024-03-02',
  'imagebuilder/resource-manager/Microsoft.VirtualMachineImages/stable/2023-07-01',
  'imagebuilder/resource-manager/Microsoft.VirtualMachineImages/stable/2024-02-01',
  'resourcegraph/resource-manager/Microsoft.ResourceGraph/stable/2024-04-01',
  'policyinsights/resource-manager/Microsoft.PolicyInsights/stable/2021-10-01',
  'policyinsights/resource-manager/Microsoft.PolicyInsights/stable/2019-10-01',
  'resources/resource-manager/Microsoft.Authorization/stable/2024-05-01',
];

interface Specification {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, SpecifiedOperation>>>>;
}

interface SpecifiedOperation {
  readonly operationId?: string;
  readonly 'x-ms-examples'?: Readonly<Record<string, { readonly $ref: string }>>;
}

interface ExampleFile {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly responses: Readonly<Record<string, Omit<ExampleResponse, 'status'>>>;
}

/** Every official example of an operation that goldbot uses; none without the specifications. */
export function examples(): Example[] {
  return exampleFolders.flatMap((folder) => {
    const place = ['azure-specs', 'specification', ...folder.split('/')];
    const files = sharedFiles(...place).filter((file) => file.endsWith('.json'));
    return files.flatMap((file) => examplesOf(place, sharedJson<Specification>(...place, file)));
  });
}

function examplesOf(place: readonly string[], { paths = {} }: Specification): Example[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, specified]) => {
      const known = used.find(({ operation }) => operation === specified.operationId);
      if (!known) return [];
      const { provider, operation } = known;
      const where: Operation = { provider, operation, method: method.toUpperCase(), path };
      return Object.entries(specified['x-ms-examples'] ?? {}).map(([name, { $ref }]) => {
        const { parameters, responses } = sharedJson<ExampleFile>(...place, ...$ref.replace(/^\.\//, '').split('/'));
        const apiVersion = place.at(-1) ?? '';
        const title = `${operation} ${apiVersion}: ${name}`;
        const statuses = Object.entries(responses).map(([status, response]) => ({
          ...response,
          status: Number(status),
        }));
        return { ...where, title, apiVersion, parameters, responses: statuses };
      });
    }),
  );
}

/** Parameters that are ids: several segments of an address. */
const scopes = ['scope', 'resourceId'];

/** The example's request: its address with every parameter in its place, and its body. */
export function requestOf({ path, parameters }: Example): { readonly url: string; readonly body?: object } {
  const url = new URL('https://management.azure.com');
  url.pathname = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(parameters[name]);
    return scopes.includes(name) ? value : encodeURIComponent(value);
  });
  let body: object | undefined;
  for (const [name, value] of Object.entries(parameters)) {
    if (path.includes(`{${name}}`)) continue;
    if (typeof value === 'object' && value !== null) body = value;
    else url.searchParams.set(name, String(value));
  }
  return { url: url.href, ...(body && { body }) };
}

/** The operation that a request is for, among those of the examples. */
export function operationOf(known: readonly Operation[], method: string, pathname: string): string | undefined {
  const is = ({ path }: Operation) => {
    const pattern = path.replace(/\{(\w+)\}/g, (_, name: string) => (scopes.includes(name) ? '.+' : '[^/]+'));
    return new RegExp(`^${pattern}/?$`, 'i').test(pathname);
  };
  return known.find((operation) => operation.method === method && is(operation))?.operation;
}
