#!/usr/bin/env node
// `node deploy/pipelines/pin.mjs`: writes into the Dockerfile, behind each base image's tag, the digest that its registry
// names now. `--check` writes nothing and refuses what is not pinned. It needs Docker with buildx, and no package.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const from = /^(FROM\s+(?:--platform=\S+\s+)?)(\S+)((?:\s+AS\s+(\S+))?\s*)$/gim;
const digestForm = /^sha256:[0-9a-f]{64}$/;

/** The images that stages begin with, other than earlier stages and `scratch`. */
function bases(dockerfile) {
  const stages = new Set(['scratch']);
  return [...dockerfile.matchAll(from)].flatMap(([, , image, , stage]) => {
    const known = stages.has(image.toLowerCase());
    if (stage) stages.add(stage.toLowerCase());
    return known ? [] : [image];
  });
}

/** What must not be released, each as a sentence; none: every base is pinned. */
export function unpinned(dockerfile) {
  return bases(dockerfile).flatMap((image) => {
    const [named, digest] = image.split('@');
    const [, tag] = /:([^/:]+)$/.exec(named) ?? [];
    if (/[$]/.test(image)) return [`${image}: what it is is only known when it is built; write it out.`];
    if (tag === undefined) return [`${image} has no tag: say which version it is.`];
    if (tag === 'latest') return [`${image} is another image every day: say which version it is.`];
    if (digest === undefined) return [`${image} is not pinned by its digest.`];
    return digestForm.test(digest) ? [] : [`${image}: “${digest}” is no SHA-256 digest.`];
  });
}

/** The same Dockerfile with every base pinned to what `digestOf` says of its tag. */
function pinned(dockerfile, digestOf) {
  const wanted = new Set(bases(dockerfile));
  return dockerfile.replace(from, (line, start, image, end) => {
    if (!wanted.has(image)) return line;
    const [tagged] = image.split('@');
    return `${start}${tagged}@${digestOf(tagged)}${end}`;
  });
}

/** As the registry answers now. Nothing is made up: without an answer this ends. */
function digestOf(image) {
  const asked = spawnSync('docker', ['buildx', 'imagetools', 'inspect', image, '--format', '{{json .Manifest}}'], {
    encoding: 'utf8',
  });
  if (asked.error)
    throw new Error(`Docker with buildx is needed to ask for the digest of ${image}: ${asked.error.message}`);
  if (asked.status !== 0) throw new Error(`The digest of ${image} could not be had: ${asked.stderr.trim()}`);
  const { digest } = JSON.parse(asked.stdout);
  if (!digestForm.test(digest)) throw new Error(`The registry names no SHA-256 digest of ${image}: ${digest}`);
  console.log(`${image} is ${digest}`);
  return digest;
}

function main(args) {
  const check = args.includes('--check');
  const file = args.find((arg) => !arg.startsWith('--')) ?? 'Dockerfile';
  const text = readFileSync(file, 'utf8');
  const pinnedText = check ? text : pinned(text, digestOf);
  const problems = unpinned(pinnedText);
  if (problems.length > 0) {
    const how = '`node deploy/pipelines/pin.mjs` pins what has a version; commit what it writes.';
    throw new Error([`${file} cannot be released:`, ...problems.map((problem) => `  ${problem}`), how].join('\n'));
  }
  if (pinnedText !== text) writeFileSync(file, pinnedText);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
