import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RestError } from '@azure/core-rest-pipeline';
import { createAzure, sandboxCredential } from '../../services';
import { committed, parameterSets } from '../../tools/bicep/project';

/** Somebody called at night reads the alert, its section of the runbook, and a command: none of the three may be missing. */

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const runbook = read('docs/runbook.md');

interface Alert {
  readonly name: string;
  readonly description: string;
}

/** Everything that the templates make to call somebody. */
const alerts: readonly Alert[] = parameterSets()
  .filter(({ layer }) => layer === 'app')
  .flatMap((set) => committed(set).predictedResources)
  .filter(({ type }) =>
    /^Microsoft\.Insights\/(scheduledQueryRules|metricAlerts|activityLogAlerts)$/i.test(String(type)),
  )
  .map(({ name, properties }) => ({
    name: String(name).replace(/^goldbot-contoso-/, ''),
    description: String((properties as { description?: string }).description),
  }));
const names = [...new Set(alerts.map(({ name }) => name))].sort();

const night = runbook.slice(runbook.indexOf('## Called at night'), runbook.indexOf('## When something is wrong'));
const sections = new Map(
  night
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

describe('whoever is called at night', () => {
  it('is told by each alert where its section is', () => {
    expect(names.length).toBeGreaterThan(12);
    for (const { name, description } of alerts) {
      // Of those about acts the text is put together by Azure, which alone knows the client id.
      const ends = description.startsWith('[format(')
        ? `What to do: {2}#{3}', .*, 'docs/runbook\\.md', '${name}'\\)\\]$`
        : ` What to do: docs/runbook\\.md#${name}$`;
      expect(description).toMatch(new RegExp(ends.replace('{2}#{3}', '\\{2\\}#\\{3\\}')));
    }
  });

  it('finds a section for each alert, and none of an alert that there is not', () => {
    expect([...sections.keys()].sort()).toEqual(names);
  });

  it.each(names)('has a command to run about %s', (name) => {
    expect(sections.get(name)).toMatch(/```(?:bash)?\n(?:az |psql |curl |@goldbot )/);
  });

  it('knows of each alert whether it can wait', () => {
    const before = night.slice(0, night.indexOf('### '));
    expect(names.filter((name) => !before.includes(`[${name}](#${name})`))).toEqual([]);
  });

  it('is shown the same place by the workbook', () => {
    expect(read('deploy/observe/workbook.json')).toContain('docs/runbook.md, under *Called at night*');
  });
});

/** What the runbook says that goldbot says, and where goldbot says it. */
const quoted: readonly (readonly [said: string, file: string, written?: string])[] = [
  ['The connection to Azure broke while', 'services/azure/errors.ts'],
  ['Azure could not be reached while', 'services/azure/errors.ts'],
  ['(ENOTFOUND)', 'services/azure/errors.ts', "'ENOTFOUND'"],
  ['(EAI_AGAIN)', 'services/azure/errors.ts', "'EAI_AGAIN'"],
  ['(ECONNREFUSED)', 'services/azure/errors.ts', "'ECONNREFUSED'"],
  ['(EPROXY)', 'app/proxy.ts', "'EPROXY'"],
  ['wants a user and a password (407)', 'app/proxy.ts'],
  ['refused management.azure.com:443 with 403', 'app/proxy.ts', 'refused ${target} with ${statusCode}'],
  ['did not answer within 10000 ms', 'app/proxy.ts', 'did not answer within ${tunnelMs} ms'],
  ['cannot be reached', 'app/proxy.ts'],
  ['NODE_EXTRA_CA_CERTS holds no certificate in PEM', 'app/settings.ts', 'holds no certificate in PEM'],
  ['NODE_EXTRA_CA_CERTS cannot be used', 'app/settings.ts', 'cannot be used'],
  [
    'HTTPS_PROXY must be http://[user:password@]host:port',
    'app/settings.ts',
    'must be http://[user:password@]host:port',
  ],
  [
    "The certificate of goldbot's database is of an authority that goldbot does not trust.",
    'docs/reference/troubles.md',
  ],
  ['telemetry does not get through; goldbot works without it', 'app/telemetry.ts'],
  ['telemetry gets through again', 'app/telemetry.ts'],
  ['azure did not answer', 'services/azure/pipeline.ts'],
  ['goldbot does not start:', 'app/settings.ts'],
];

const quotes = quoted.map(([said, file, written = said]) => ({ said, file, written }));

it.each(quotes)('the runbook quotes what goldbot says: $said', ({ said, file, written }) => {
  expect(runbook).toContain(said);
  expect(read(file)).toContain(written);
});

describe('the log of a request that did not get through', () => {
  const logged = async (error: Error) => {
    const lines: object[] = [];
    const log = { debug: () => {}, warn: (fields: object) => void lines.push(fields) };
    const httpClient = { sendRequest: () => Promise.reject(error) };
    const options = { credential: sandboxCredential, httpClient, log, sleep: async () => {}, subscription: 's' };
    await createAzure(options)
      .read.managementGroups()
      .catch(() => undefined);
    return lines[0];
  };

  it('has the words about the proxy, which are goldbot’s own, and of nobody else', async () => {
    const words = 'the proxy of HTTPS_PROXY wants a user and a password (407)';
    const proxy = new RestError(words, { code: 'EPROXY' });
    expect(await logged(proxy)).toMatchObject({ error: 'EPROXY', why: words });
    const other = new RestError('GET https://x/?sig=abc', { code: 'ECONNRESET' });
    expect(await logged(other)).toMatchObject({ error: 'ECONNRESET' });
    expect(await logged(other)).not.toHaveProperty('why');
  });
});
