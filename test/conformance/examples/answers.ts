import { lost, met, missing } from './compare';
import { type Fed, feed } from './feed';
import { kept } from './kept';
import type { Example } from './specs';

/** Of a version, what a PATCH need not say again: Azure alone writes it. Its disks can never change. */
const fixed =
  /^(id|name|location|properties\.(provisioningState|storageProfile\..*|publishingProfile\.publishedDate|safetyProfile\.(reportedFor|policyV).*))$/;

/** Every response of every example, fed to goldbot's services as Azure's answer. */
export function answersSection(all: readonly Example[], count: (example: Example) => void): void {
  const answers = all.flatMap((example) =>
    example.responses.map((response) => ({ title: `${example.title} (${response.status})`, example, response })),
  );
  const heard = new Set<unknown>();

  it.each(answers)('$title comes out in goldbot’s words, without loss', async ({ example, response }) => {
    const fed = await feed(example, response, all);
    const wanted = kept[example.operation] ?? [];

    expect(fed.asked.map(({ operation }) => operation)).toContain(example.operation);
    expect(lost(wanted, fed.answer, fed.result)).toEqual([]);
    expect(unread(fed)).toEqual([]);
    for (const one of met(wanted, fed.answer)) heard.add(one);
    count(example);
  });

  it('hold, all together, everything that goldbot must not lose', () => {
    expect(Object.values(kept).flatMap((list) => list.filter((one) => !heard.has(one)))).toEqual([]);
  });

  const changes = ['GalleryImageVersions_Update', 'GalleryImageVersions_CreateOrUpdate'];
  it.each(changes)('of a version are all in what changes a tag of it: %s', async (change) => {
    for (const example of all.filter(({ operation }) => operation === change)) {
      const [response] = example.responses;
      const { asked } = await feed(example, response ?? { status: 200 }, all);
      const before = all.find(({ operation }) => operation === 'GalleryImageVersions_Get')?.responses[0]?.body;
      const patch = asked.find(({ operation }) => operation === example.operation)?.body;

      expect(patch).toMatchObject({ tags: { checked: 'yes' } });
      expect(missing(before, patch).filter((path) => !fixed.test(path))).toEqual([]);
    }
  });
}

/** A page that Azure named and goldbot did not read. */
function unread({ answer, asked }: Fed): string[] {
  const { nextLink, $skipToken } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const more = nextLink !== undefined || $skipToken !== undefined;
  return more && !asked.some(({ operation }) => operation === 'next page') ? ['the next page'] : [];
}
