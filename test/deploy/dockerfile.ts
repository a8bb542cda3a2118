import { type Dockerfile, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** What is wrong with a Dockerfile beside the pinning of its bases, each as a sentence; none: goldbot may be shipped by it. */
export function dockerfileProblems(text: string): readonly string[] {
  const file = DockerfileParser.parse(text);
  const last = lastStage(file);
  return [
    ...file.getInstructions().flatMap((one) => [...shellProblems(one), ...secretProblems(one)]),
    ...userProblems(last),
    ...copyProblems(file),
    ...last.flatMap((one) =>
      one.getKeyword() === 'RUN' ? [`Line ${lineOf(one)} runs something in the image that is shipped.`] : [],
    ),
    ...['ENTRYPOINT', 'HEALTHCHECK'].flatMap((keyword) =>
      last.some((one) => one.getKeyword() === keyword) ? [] : [`The image has no ${keyword}.`],
    ),
  ];
}

/** Instructions from the last FROM on: of these the image is made. */
export function lastStage(file: Dockerfile): readonly Instruction[] {
  const all = file.getInstructions();
  return all.slice(all.findLastIndex((one) => one.getKeyword() === 'FROM'));
}

const lineOf = (one: Instruction) => one.getRange().start.line + 1;

/** The exec form: nothing is read by a shell, and signals reach the program. */
function shellProblems(one: Instruction): readonly string[] {
  const keyword = one.getKeyword();
  if (!['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(keyword)) return [];
  const command =
    keyword === 'HEALTHCHECK'
      ? one.getRawArgumentsContent()?.replace(/^.*?\bCMD\b/s, '')
      : one.getRawArgumentsContent();
  try {
    const words: unknown = JSON.parse(command ?? '');
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return [];
  } catch {
    // Said below.
  }
  return [`Line ${lineOf(one)}: ${keyword} is in shell form.`];
}

function secretProblems(one: Instruction): readonly string[] {
  if (!['ENV', 'ARG'].includes(one.getKeyword())) return [];
  const names = (one.getRawArgumentsContent() ?? '').split(/\s+/).map((pair) => pair.split('=')[0] ?? '');
  return names.flatMap((name) =>
    /pass|secret|token|key|credential|connection/i.test(name)
      ? [`Line ${lineOf(one)}: ${name} would stay in the image.`]
      : [],
  );
}

function userProblems(stage: readonly Instruction[]): readonly string[] {
  const user = stage.findLast((one) => one.getKeyword() === 'USER')?.getRawArgumentsContent();
  if (user === undefined || user === null) return ['The image says no USER.'];
  return /^[1-9]\d*:[1-9]\d*$/.test(user) ? [] : [`USER ${user} is no user and group by number, other than root.`];
}

function copyProblems(file: Dockerfile): readonly string[] {
  const stages = file.getFROMs().map((from) => from.getBuildStage());
  const added = file.getInstructions().filter((one) => one.getKeyword() === 'ADD');
  const strange = file.getCOPYs().flatMap((one) => {
    const from = one.getFromFlag()?.getValue();
    return from && !stages.includes(from) ? [`Line ${lineOf(one)} copies from “${from}”, which is no stage.`] : [];
  });
  return [...added.map((one) => `Line ${lineOf(one)}: ADD fetches and unpacks; COPY does not.`), ...strange];
}
