import { type Catalogue, describeProblems, type ImageConfig, parseCatalogue } from '../../../core/catalogue';
import { exampleFiles } from '../../support/catalogue';

/**
 * Four images that are published by themselves, each for a reason of its own, three of them on one day, and a year
 * that has freezes in it.
 */

interface Scheduled {
  readonly name: string;
  readonly like: 'ubuntu-22' | 'windows-2022';
  readonly readyBy: number | 'last';
  readonly zone: string;
  readonly rebuildAfter: string;
  /** The marketplace's version that it is pinned to: nothing changes but its age. */
  readonly base?: string;
}

const scheduled: readonly Scheduled[] = [
  { name: 'jammy-new', like: 'ubuntu-22', readyBy: 1, zone: 'Europe/Berlin', rebuildAfter: '+28d' },
  {
    ...{ name: 'jammy-pinned', like: 'ubuntu-22', readyBy: 1, zone: 'Europe/Berlin', rebuildAfter: '+75d' },
    base: '22.04.202611120',
  },
  { name: 'windows-new', like: 'windows-2022', readyBy: 1, zone: 'Europe/Berlin', rebuildAfter: '+28d' },
  { name: 'windows-mid', like: 'windows-2022', readyBy: 'last', zone: 'Australia/Sydney', rebuildAfter: '+40d' },
];

/** Over the turn of the year nothing moves; on Saturdays nothing goes to East US. */
const freeze = `
freeze:
  - name: turn of the year
    from: 12-20 18:00
    to: 01-03 08:00
    zone: Europe/Berlin
    reason: nobody is in the office
  - name: American maintenance
    from: sat 00:00
    to: sun 00:00
    zone: America/New_York
    regions: [East US]
    reason: the network is being worked on
`;

export const fourImages: readonly string[] = scheduled.map(({ name }) => name);

/** Some of the four images, as goldbot reads them from a user's files; `pins`: bases that somebody has moved them to. */
export function monthsCatalogue(images: readonly string[], pins: Readonly<Record<string, string>> = {}): Catalogue {
  const files = exampleFiles();
  const shared = files
    .filter(({ path }) => !path.startsWith('images/'))
    .map((file) => (file.path === 'azure.yaml' ? { ...file, text: file.text + freeze } : file));
  const chosen = scheduled.filter(({ name }) => images.includes(name));
  const own = chosen.map((image) => {
    const text = files.find(({ path }) => path === `images/${image.like}.yaml`)?.text ?? '';
    const pin = pins[image.name];
    return {
      path: `images/${image.name}.yaml`,
      text: written(text, { ...image, ...(pin !== undefined && { base: pin }) }),
    };
  });
  const parsed = parseCatalogue([...shared, ...own]);
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems));
  // What tests find is not what this is about: two of each image are enough.
  const shorter = (image: ImageConfig): ImageConfig => ({ ...image, tests: image.tests.slice(0, 2) });
  return { ...parsed.catalogue, images: parsed.catalogue.images.map(shorter) };
}

function written(text: string, { name, readyBy, zone, rebuildAfter, base }: Scheduled): string {
  const head = text
    .replace(/^name: .*$/m, `name: ${name}`)
    .replace(/^aliases: .*\n/m, '')
    .replace(/^imageDefinition: .*$/m, `imageDefinition: ${name}`);
  const pinned = base === undefined ? head : head.replace(/^( +sku: .*)$/m, `$1\n  version: "${base}"`);
  return `${pinned}\nrebuildAfter: "${rebuildAfter}"\nschedule: { readyBy: ${readyBy}, zone: ${zone} }\n`;
}
