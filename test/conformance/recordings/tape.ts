import { sharedFiles, sharedJson } from '../shared';

/** One request of a recording and what Azure answered. */
export interface Recorded {
  readonly request: { readonly method: string; readonly url: string; readonly body: unknown };
  readonly response: Answer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Tape {
  readonly name: string;
  readonly exchanges: readonly Recorded[];
}

export function tapes(): Tape[] {
  const files = sharedFiles('azure-recordings').filter((file) => file.endsWith('.json'));
  return files.map((file) => ({
    name: file.replace('.json', ''),
    exchanges: sharedJson<Recorded[]>('azure-recordings', file),
  }));
}

/**
 * What an address is of, without names: `GET /subscriptions/*\/resourceGroups/*\/providers/Microsoft.Compute/disks/*`.
 * A segment after a type is a name, except a provider's.
 */
export function shapeOf(method: string, url: string): string {
  const segments = new URL(url).pathname.split('/').filter(Boolean);
  const shape: string[] = [];
  for (let i = 0; i < segments.length; i += 2) {
    const [type = '', name] = segments.slice(i, i + 2);
    shape.push(type);
    if (name !== undefined) shape.push(type.toLowerCase() === 'providers' ? name : '*');
  }
  return `${method} /${shape.join('/')}`.replace(/resourcegroups/i, 'resourceGroups');
}

/** The same path, whatever its query and its case: ARM compares no case. */
export function samePath(a: string, b: string): boolean {
  const plain = (url: string) => decodeURIComponent(new URL(url).pathname).toLowerCase();
  return plain(a) === plain(b);
}
