import { type CatalogueFile, parseCatalogue } from '../../core/catalogue';
import { exampleFiles } from '../support/catalogue';

/** `schedule` and `rebuildAfter` of an image's file. */
const ubuntu = 'images/ubuntu-22.yaml';

function withLine(line: string): CatalogueFile[] {
  return exampleFiles().map((f) => (f.path === ubuntu ? { ...f, text: `${f.text}\n${line}\n` } : f));
}

const imageWith = (line: string) => {
  const parsed = parseCatalogue(withLine(line));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.catalogue.images.find(({ name }) => name === 'ubuntu-22');
};

describe('the schedule of an image', () => {
  it.each([
    ['schedule: { readyBy: 1, zone: Europe/Berlin }', { readyBy: 1, zone: 'Europe/Berlin' }],
    ['schedule: { readyBy: last }', { readyBy: 'last', zone: 'UTC' }],
    ['schedule: { cron: "0 6 * * 1" }', { cron: '0 6 * * 1', zone: 'UTC' }],
    ['keep: 4', undefined],
  ])('%s', (line, schedule) => {
    expect(imageWith(line.replace('keep: 4', ''))?.schedule).toEqual(schedule);
  });

  it('is rebuilt after 28 days unless the file says otherwise', () => {
    expect(imageWith('')?.rebuildAfter).toBe('+28d');
    expect(imageWith('rebuildAfter: +2mo')?.rebuildAfter).toBe('+2mo');
  });

  const either = 'must be { readyBy: 1 to 28 or last, zone } or { cron: five fields that come at most daily, zone }';
  it.each([
    ['schedule: { readyBy: 31 }', 'schedule.readyBy: must be a day that every month has, 1 to 28, or last'],
    ['schedule: { readyBy: 1, cron: "0 6 * * 1" }', either],
    ['schedule: { readyBy: 1, zone: Berlin }', 'schedule.zone: must be an IANA time zone such as Europe/Berlin'],
    ['schedule: { cron: "*/5 * * * *" }', 'schedule.cron: comes more often than once a day'],
    ['schedule: { cron: "0 0 30 2 *" }', 'schedule.cron: never comes'],
    ['schedule: monthly', either],
    ['rebuildAfter: 28', 'rebuildAfter'],
  ])('refuses %s by its line', (line, words) => {
    const parsed = parseCatalogue(withLine(line));
    const [problem] = parsed.ok ? [] : parsed.problems;
    const at =
      withLine(line)
        .find(({ path }) => path === ubuntu)
        ?.text.split('\n')
        .indexOf(line) ?? -2;
    expect(problem).toMatchObject({ file: ubuntu, line: at + 1 });
    expect(problem?.message).toContain(words);
  });
});
