#!/usr/bin/env node
// The steps of deploy.yml and azure-pipelines.yml, which so do the same; they need the Azure CLI, signed in, and no package.
//
//   node deploy/pipelines/pipeline.mjs subject          which subject Entra has to trust (GitHub)
//   node deploy/pipelines/pipeline.mjs what-if          what would change, layer by layer; changes nothing
//   node deploy/pipelines/pipeline.mjs deploy <layer>   platform, app or policy
//   node deploy/pipelines/pipeline.mjs image            builds and pushes goldbot's image; sets GOLDBOT_IMAGE
//   node deploy/pipelines/pipeline.mjs ready            waits until the new revision is ready
//
// Settings, all from the environment: AZURE_ENV_NAME, AZURE_LOCATION, AZURE_SUBSCRIPTION_ID; for a layer's own set of
// parameters GOLDBOT_PLATFORM_PARAMETERS, GOLDBOT_APP_PARAMETERS, GOLDBOT_POLICY_PARAMETERS (`main`); for the layer of
// policies GOLDBOT_DEPLOY_POLICIES=true. The rest of a parameter file's variables are its own.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { unpinned } from './pin.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { env } = process;

/** What a person has to mend; everything else that goes wrong is shown with its stack. */
class Stop extends Error {}

function setting(name) {
  if (!env[name]) throw new Stop(`${name} is not set: see docs/pipelines.md.`);
  return env[name];
}

/** Runs to its end and shows what it says; `quiet` gives back its output instead. */
function run(command, args, { quiet = false } = {}) {
  const ran = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.error) throw new Stop(`${command} cannot be started: ${ran.error.message}`);
  return { ok: ran.status === 0, out: ran.stdout ?? '', said: ran.stderr ?? '' };
}

function az(...args) {
  const { ok, out, said } = run('az', args, { quiet: true });
  if (!ok) throw new Stop(`az ${args.slice(0, 3).join(' ')} failed: ${said.trim()}`);
  return out.trim();
}

const nameOf = (layer) => `goldbot-${layer}-${setting('AZURE_ENV_NAME')}`;

function parametersOf(layer) {
  const set = env[`GOLDBOT_${layer.toUpperCase()}_PARAMETERS`] || 'main';
  const file = `deploy/${layer}/${set}.bicepparam`;
  if (!existsSync(join(root, file))) throw new Stop(`${file} is not there.`);
  return file;
}

/** What the last deployment of a layer says of itself; undefined when there was none. */
function deployed(layer, query) {
  const { ok, out, said } = run(
    'az',
    ['deployment', 'sub', 'show', '--name', nameOf(layer), '--query', query, '--output', 'json'],
    { quiet: true },
  );
  if (ok) return JSON.parse(out || 'null') ?? undefined;
  if (/DeploymentNotFound/.test(said)) return undefined;
  throw new Stop(`The deployment ${nameOf(layer)} could not be read: ${said.trim()}`);
}

/** The outputs of the platform are variables of the other layers' parameters, as azd has it. False: it was never deployed. */
function readPlatform() {
  const outputs = outputsOf('platform');
  Object.assign(env, outputs);
  return outputs !== undefined;
}

/** Undefined when the layer was never deployed. */
function outputsOf(layer) {
  const outputs = deployed(layer, 'properties.outputs');
  // Resource Manager does not keep the case of an output's name.
  const named = Object.entries(outputs ?? {}).map(([name, { value }]) => [name.toUpperCase(), String(value)]);
  return outputs && Object.fromEntries(named);
}

function whatIf() {
  const layers = ['platform', 'app', ...(env.GOLDBOT_DEPLOY_POLICIES === 'true' ? ['policy'] : [])];
  for (const layer of layers) {
    console.log(`\n## ${layer}`);
    if (layer !== 'platform' && !readFor(layer)) continue;
    // Reading is enough for this: see what-if-role.json.
    const level = ['--validation-level', 'ProviderNoRbac', '--exclude-change-types', 'Ignore', 'NoChange'];
    if (!deploy('what-if', layer, level)) throw new Stop(`What would change in “${layer}” could not be foretold.`);
  }
}

/** False when there is nothing to compare with yet. */
function readFor(layer) {
  if (!readPlatform()) {
    console.log(`The platform has not been deployed yet: what “${layer}” would be is only known after it.`);
    return false;
  }
  if (layer !== 'app') return true;
  // A pull request has no image of its own; the one that runs keeps the rest comparable.
  env.GOLDBOT_IMAGE ||= deployed('app', 'properties.parameters.image.value') ?? '';
  if (env.GOLDBOT_IMAGE) return true;
  console.log('goldbot has not been deployed yet: its image is only known after it was built.');
  return false;
}

function deploy(what, layer, more = []) {
  const parameters = ['--parameters', parametersOf(layer)];
  const place = ['--name', nameOf(layer), '--location', setting('AZURE_LOCATION')];
  return run('az', ['deployment', 'sub', what, ...place, ...parameters, ...more]).ok;
}

function deployLayer(layer) {
  if (!['platform', 'app', 'policy'].includes(layer))
    throw new Stop(`“${layer}” is no layer: platform, app or policy.`);
  if (layer !== 'platform' && !readPlatform()) throw new Stop(`“${layer}” needs the platform: deploy that first.`);
  if (layer === 'app') setting('GOLDBOT_IMAGE');
  if (!deploy('create', layer, ['--output', 'none']))
    throw new Stop(`The layer “${layer}” was not deployed; see above.`);
}

function image() {
  const problems = unpinned(readFileSync(join(root, 'Dockerfile'), 'utf8'));
  if (problems.length > 0) {
    throw new Stop([...problems, 'Run `node deploy/pipelines/pin.mjs` and commit what it writes.'].join('\n'));
  }
  if (!readPlatform()) throw new Stop('The registry is part of the platform: deploy that first.');
  const registry = setting('GOLDBOT_REGISTRY_ID').split('/').at(-1);
  const server = az('acr', 'show', '--name', registry, '--query', 'loginServer', '--output', 'tsv');
  az('acr', 'login', '--name', registry);
  setVariable('GOLDBOT_IMAGE', `${server}/goldbot@${build(`${server}/goldbot:${tag()}`)}`);
}

function tag() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commit = env.GITHUB_SHA || env.BUILD_SOURCEVERSION || run('git', ['rev-parse', 'HEAD'], { quiet: true }).out;
  return `${version}-${commit.trim().slice(0, 12)}`;
}

/** Builds, pushes, and returns the digest under which the registry has it. */
function build(tagged) {
  // The builder that Docker has by itself makes neither a list of contents nor provenance.
  if (!run('docker', ['buildx', 'inspect', 'goldbot'], { quiet: true }).ok) {
    const made = run('docker', ['buildx', 'create', '--name', 'goldbot', '--driver', 'docker-container'], {
      quiet: true,
    });
    if (!made.ok) throw new Stop(`No builder could be made: ${made.said.trim()}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-image-'));
  const said = join(folder, 'said.json');
  const contents = ['--provenance', 'mode=max', '--sbom', 'true'];
  const target = ['--platform', 'linux/amd64', '--tag', tagged, '--push', '--metadata-file', said];
  if (!run('docker', ['buildx', 'build', '--builder', 'goldbot', ...contents, ...target, '.']).ok) {
    throw new Stop('The image was not built; see above.');
  }
  const digest = JSON.parse(readFileSync(said, 'utf8'))['containerimage.digest'];
  rmSync(folder, { recursive: true });
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Stop(`The registry did not say under which digest it has the image.`);
  return digest;
}

/** For the steps that follow. */
function setVariable(name, value) {
  console.log(`${name}=${value}`);
  if (env.GITHUB_ENV) appendFileSync(env.GITHUB_ENV, `${name}=${value}\n`);
  if (env.TF_BUILD) console.log(`##vso[task.setvariable variable=${name}]${value}`);
}

/** Container Apps moves over to a new revision when that is ready, and keeps the old one where it never is. */
async function ready() {
  if (!readPlatform()) throw new Stop('The platform was never deployed.');
  const app = `goldbot-${setting('AZURE_ENV_NAME')}`;
  const which = [
    '--resource-group',
    setting('GOLDBOT_RESOURCE_GROUP'),
    '--resource-type',
    'Microsoft.App/containerApps',
  ];
  const query = '[properties.latestRevisionName, properties.latestReadyRevisionName]';
  const everyMs = Number(env.GOLDBOT_READY_EVERY_MS || 10_000);
  const looks = Number(env.GOLDBOT_READY_LOOKS || 60);
  for (let look = 0; look < looks; look += 1) {
    const [newest, readyOne] = JSON.parse(
      az('resource', 'show', ...which, '--name', app, '--query', query, '--output', 'json'),
    );
    if (newest && newest === readyOne) return tellReady(newest);
    if (look === 0) console.log(`${newest} is not ready yet; ${readyOne ?? 'nothing'} answers.`);
    await sleep(everyMs);
  }
  const look = `az containerapp logs show --name ${app} --resource-group ${env.GOLDBOT_RESOURCE_GROUP} --tail 100`;
  throw new Stop(`The new revision did not become ready, and the one before answers on. Its words: ${look}`);
}

function tellReady(revision) {
  console.log(`${revision} is ready.`);
  const { GOLDBOT_APP_ID: bot, GOLDBOT_HOST_NAME: host } = outputsOf('app') ?? {};
  const tenant = env.AZURE_TENANT_ID || '<tenant id>';
  if (bot && host)
    console.log(`Its app for Teams: npm run package -- --tenant ${tenant} --bot ${bot} --domain ${host}`);
}

/** What GitHub will tell Entra; the form of a subject depends on when the repository was made. */
async function subject() {
  const url = env.ACTIONS_ID_TOKEN_REQUEST_URL;
  if (!url) throw new Stop('GitHub gives this job no token: it needs the permission `id-token: write`.');
  const answer = await fetch(`${url}&audience=${encodeURIComponent('api://AzureADTokenExchange')}`, {
    headers: { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Stop(`GitHub gave no token: ${answer.status}.`);
  const { value } = await answer.json();
  const { iss, sub, aud } = JSON.parse(Buffer.from(value.split('.')[1], 'base64url').toString('utf8'));
  console.log(
    `The identity’s federated credential must say exactly:\n  issuer    ${iss}\n  subject   ${sub}\n  audience  ${aud}`,
  );
}

const steps = { subject, 'what-if': whatIf, deploy: deployLayer, image, ready };

async function main([step = '', ...args]) {
  const known = Object.hasOwn(steps, step) ? steps[step] : undefined;
  if (!known) throw new Stop(`“${step}” is no step: ${Object.keys(steps).join(', ')}.`);
  await known(...args);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Stop ? error.message : error);
  process.exitCode = 1;
});
