import { sha256 } from '../hash';

/**
 * What an image says about itself. Burnt into the guest by the last customizer and mirrored as tags of the gallery
 * version. The publish date is known only at publishing: it is a tag alone.
 */
export interface Tattoo {
  readonly schema: '1';
  readonly image: string;
  readonly version: string;
  /** `Publisher:Offer:Sku:exact version` of the marketplace image. */
  readonly source: string;
  /** OS name and version as the operating system reports it. */
  readonly os: string;
  /** ISO 8601, UTC. */
  readonly built: string;
  readonly run: string;
  readonly recipe: string;
}

export const tattooPath = '/etc/goldbot/tattoo';
const fields = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const;
type Field = (typeof fields)[number];

/** The file of the guest: one `key=value` a line, in a fixed order. */
export function tattooFile(tattoo: Tattoo): string {
  return fields.map((f) => `${f}=${tattoo[f]}\n`).join('');
}

/** Reads the guest's file; undefined when a field is missing or the schema is unknown. */
export function parseTattoo(text: string): Tattoo | undefined {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) found.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return complete((field) => found.get(field));
}

/** Tags of the gallery version that mirror the tattoo, with the hash that makes tampering visible. */
export function tattooTags(tattoo: Tattoo): Record<string, string> {
  const tags = Object.fromEntries(fields.map((f) => [`goldbot-${f}`, tattoo[f]]));
  return { ...tags, 'goldbot-tattoo-sha256': tattooHash(tattoo) };
}

export function tattooFromTags(tags: Readonly<Record<string, string>>): Tattoo | undefined {
  return complete((field) => tags[`goldbot-${field}`]);
}

export function tattooHash(tattoo: Tattoo): string {
  return sha256(tattooFile(tattoo));
}

export function isTattooField(name: string): name is Field {
  return fields.some((f) => f === name);
}

/** Tags beside the tattoo's that goldbot writes on a version or reads from it. */
export const versionTags = {
  published: 'goldbot-published',
  state: 'goldbot-state',
  replacedBy: 'goldbot-replaced-by',
  run: 'goldbot-run',
} as const;

function complete(read: (field: Field) => string | undefined): Tattoo | undefined {
  const entries = fields.map((f) => [f, read(f)] as const);
  if (entries.some(([, value]) => value === undefined || value === '')) return undefined;
  const tattoo = Object.fromEntries(entries) as unknown as Tattoo;
  return tattoo.schema === '1' ? tattoo : undefined;
}
