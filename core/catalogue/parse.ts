import { scopeKey } from '../access';
import { nameOfId, regionKey } from '../azure-id';
import { type CatalogueFile, type Problem, problem, type Read, readOne, type Source } from './file';
import { checkFreezes } from './freezes';
import { checkImage, readImage } from './image-file';
import { type Programs, programsSchema } from './programs';
import { azureSchema, type Catalogue, type ImageConfig, rolesSchema, type TeamConfig, teamsSchema } from './schemas';
import { readVulnerabilityList } from './vulnerabilities';

export type ParsedCatalogue =
  | { readonly ok: true; readonly catalogue: Catalogue }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the whole catalogue and reports every mistake at once, each with file and line. Pure: app/ reads the files, and
 * asks Entra which of the groups whose members decide are too large for it (`decidingGroups`).
 */
export function parseCatalogue(
  files: readonly CatalogueFile[],
  tooLarge: ReadonlySet<string> = new Set(),
): ParsedCatalogue {
  const problems: Problem[] = [];
  const azure = readOne(files, 'azure.yaml', azureSchema, problems);
  const roles = readOne(files, 'roles.yaml', rolesSchema, problems);
  const teams = readOne(files, 'teams.yaml', teamsSchema, problems);
  const hasPrograms = files.some(({ path }) => path === 'programs.yaml');
  const programs = hasPrograms ? readOne(files, 'programs.yaml', programsSchema, problems) : undefined;
  const images = readImages(files, azure?.value, problems);
  for (const { path } of files) {
    if (!/^(azure|roles|teams|programs)\.yaml$|^images\/[^/]+\.yaml$|\.json$/.test(path)) {
      problems.push({
        file: path,
        line: 1,
        message: 'is not a catalogue file; only azure, roles, teams, programs and images/*.yaml are',
      });
    }
  }
  const vulnerabilities = readVulnerabilityList(files, problems);
  if (azure) {
    checkSecondGallery(azure, problems);
    checkStaging(azure, images, problems);
    checkEncryption(azure.value, images, problems);
    for (const image of images) problems.push(...checkImage(image, azure.value));
    problems.push(...checkFreezes(azure, { images, teams }));
  }
  checkRoles(roles, images, problems);
  checkPrograms(programs, images, problems);
  checkTeams(teams, problems);
  problems.push(
    ...decidersIn({ roles, teams, images })
      .filter(({ group }) => tooLarge.has(group))
      .map(({ source, path }) => problem(source, path, `${path.join('.')}: ${tooManyDecide}`)),
  );
  if (problems.length > 0 || !azure || !roles || !teams) return { ok: false, problems };
  const catalogue = {
    azure: azure.value,
    roles: roles.value,
    teams: new Map(Object.entries(teams.value)),
    images: images.map((i) => i.value).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(programs && { programs: programs.value }),
    ...(vulnerabilities && { vulnerabilities }),
  };
  return { ok: true, catalogue };
}

/** `images/ubuntu-22.yaml:14: tests.0.name must be …`, one per line. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n');
}

const tooManyDecide =
  'has too many members to decide, since they are read for each decision; name a group of at most 2,000';

/** Where the catalogue names a group whose members decide: about an image, as a team's owners, as admins. */
function decidersIn(read: {
  readonly roles: Read<Catalogue['roles']> | undefined;
  readonly teams: Read<Readonly<Record<string, TeamConfig>>> | undefined;
  readonly images: readonly Read<ImageConfig>[];
}): readonly { readonly group: string; readonly source: Source; readonly path: readonly (string | number)[] }[] {
  const { roles, teams, images } = read;
  return [
    ...images.flatMap(({ value: { approval }, source }) => [
      ...[...(approval.first ?? []), approval].map(({ group }, i) => ({
        ...{ group, source },
        path: approval.first ? ['approval', 'sequence', i, 'group'] : ['approval', 'group'],
      })),
      ...(approval.escalation
        ? [{ group: approval.escalation.group, source, path: ['approval', 'escalation', 'group'] }]
        : []),
    ]),
    ...Object.entries(teams?.value ?? {}).flatMap(([team, { owners }]) =>
      teams ? { group: owners.group, source: teams.source, path: [team, 'owners', 'group'] } : [],
    ),
    ...(roles?.value ?? []).flatMap(({ group, role }, i) =>
      roles && role === 'admin' ? { group, source: roles.source, path: [i, 'group'] } : [],
    ),
  ];
}

function readImages(
  files: readonly CatalogueFile[],
  azure: Catalogue['azure'] | undefined,
  problems: Problem[],
): readonly Read<ImageConfig>[] {
  const found = files.filter((f) => f.path.startsWith('images/') && f.path.endsWith('.yaml'));
  if (found.length === 0)
    problems.push({ file: 'images/', line: 1, message: 'holds no image; add images/<image>.yaml' });
  const images = found.flatMap((f) => readImage(f, { files, azure, problems }) ?? []);
  const taken = new Map<string, string>();
  const definitions = new Map<string, string>();
  for (const { value, source } of images) {
    const names = [[value.name, ['name']] as const, ...value.aliases.map((a, i) => [a, ['aliases', i]] as const)];
    for (const [name, path] of names) {
      const other = taken.get(name);
      if (other) problems.push(problem(source, path, `${name} already names an image in ${other}`));
      else taken.set(name, source.file);
    }
    const home = definitions.get(value.imageDefinition.toLowerCase());
    if (home)
      problems.push(
        problem(source, ['imageDefinition'], `${value.imageDefinition} is already the definition of ${home}`),
      );
    else definitions.set(value.imageDefinition.toLowerCase(), value.name);
    if (source.file !== `images/${value.name}.yaml`) {
      problems.push(problem(source, ['name'], `the file of ${value.name} must be called images/${value.name}.yaml`));
    }
    problems.push(
      ...duplicates(value.tests.map((t) => t.name)).map((i) =>
        problem(source, ['tests', i], 'has the name of another test'),
      ),
    );
    problems.push(
      ...duplicates(value.regions.map((r) => regionKey(r.name))).map((i) =>
        problem(
          source,
          ['regions', i],
          `${value.regions[i]?.name} is listed twice; Azure does not mind case and blanks`,
        ),
      ),
    );
  }
  return images;
}

/** A gallery is no copy of itself. */
function checkSecondGallery({ value, source }: Read<Catalogue['azure']>, problems: Problem[]) {
  const { gallery, secondGallery: second, subscription } = value;
  if (!second) return;
  const placeOf = (one: typeof gallery) => [one.subscription ?? subscription, one.resourceGroup, one.name];
  if (placeOf(gallery).join('/').toLowerCase() === placeOf(second).join('/').toLowerCase()) {
    problems.push(
      problem(source, ['secondGallery', 'name'], 'is the gallery that images are published into; name another one'),
    );
  }
  for (const i of duplicates((second.regions ?? []).map(regionKey))) {
    problems.push(
      problem(source, ['secondGallery', 'regions', i], 'is listed twice; Azure does not mind case and blanks'),
    );
  }
}

/** The gallery takes keys of its own subscription, and for all regions of a version or for none. */
function checkEncryption(
  { gallery, subscription }: Catalogue['azure'],
  images: readonly Read<ImageConfig>[],
  problems: Problem[],
) {
  const home = `/subscriptions/${gallery.subscription ?? subscription}/`.toLowerCase();
  for (const { value, source } of images) {
    const encrypted = value.regions.find((r) => r.diskEncryptionSetId !== undefined);
    value.regions.forEach(({ diskEncryptionSetId: id }, i) => {
      if (encrypted && id === undefined) {
        problems.push(problem(source, ['regions', i], `needs a diskEncryptionSetId, since ${encrypted.name} has one`));
      } else if (id !== undefined && !id.toLowerCase().startsWith(home)) {
        problems.push(
          problem(source, ['regions', i, 'diskEncryptionSetId'], 'must be in the subscription of the gallery'),
        );
      }
    });
  }
}

/** A staging group must be empty when a build begins, and near: a build would find out after it was asked for. */
function checkStaging(azure: Read<Catalogue['azure']>, images: readonly Read<ImageConfig>[], problems: Problem[]) {
  const holders = new Map<string, string>();
  for (const { value, source } of images) {
    const own = value.build?.stagingResourceGroup;
    const group = own ?? azure.value.build.stagingResourceGroup;
    if (group === undefined) continue;
    const [where, path] = own
      ? [source, ['build', 'stagingResourceGroup']]
      : [azure.source, ['build', 'stagingResourceGroup']];
    const other = holders.get(group.toLowerCase());
    const elsewhere = !group.toLowerCase().startsWith(`/subscriptions/${azure.value.subscription.toLowerCase()}/`);
    if (other) {
      const name = nameOfId(group);
      problems.push(
        problem(
          where,
          path,
          `${name} is the staging group of ${other} and of ${value.name}; it must be empty when a build begins, so give each image its own under build in its file`,
        ),
      );
    } else if (elsewhere) {
      problems.push(problem(where, path, 'must be in the subscription that builds'));
    }
    holders.set(group.toLowerCase(), value.name);
  }
}

function checkRoles(
  roles: Read<Catalogue['roles']> | undefined,
  images: readonly Read<ImageConfig>[],
  problems: Problem[],
) {
  const names = new Set(images.map((i) => i.value.name));
  roles?.value.forEach((grant, i) => {
    grant.images?.forEach((image, j) => {
      if (!names.has(image))
        problems.push(problem(roles.source, [i, 'images', j], `${image} is not an image of the catalogue`));
    });
  });
}

/** An application has one role: which of two is meant would be a guess. */
function checkPrograms(
  programs: Read<Programs> | undefined,
  images: readonly Read<ImageConfig>[],
  problems: Problem[],
) {
  if (!programs) return;
  const { value, source } = programs;
  const names = new Set(images.map((i) => i.value.name));
  for (const key of ['applications', 'webhooks'] as const) {
    value[key].forEach(({ images: own = [] }, i) => {
      own.forEach((image, j) => {
        const path = [key, i, 'images', j];
        if (!names.has(image)) problems.push(problem(source, path, `${image} is not an image of the catalogue`));
      });
    });
  }
  for (const i of duplicates(value.webhooks.map(({ name }) => name))) {
    problems.push(problem(source, ['webhooks', i, 'name'], 'is the name of another receiver'));
  }
  for (const i of duplicates(value.applications.map(({ application }) => application))) {
    problems.push(problem(source, ['applications', i, 'application'], 'is listed twice; give it one role'));
  }
}

/** Two teams with the same scope would both have its machines; `me` and `all` mean something else in commands. */
function checkTeams(teams: Read<Readonly<Record<string, TeamConfig>>> | undefined, problems: Problem[]) {
  if (!teams) return;
  const holders = new Map<string, string>();
  for (const [team, { scope }] of Object.entries(teams.value)) {
    const holder = holders.get(scopeKey(scope));
    if (holder)
      problems.push(problem(teams.source, [team, 'scope'], `${team}.scope: is already the scope of ${holder}`));
    else holders.set(scopeKey(scope), team);
    if (team === 'me' || team === 'all') {
      problems.push(problem(teams.source, [team], `${team}: is a word of commands; give the team another name`));
    }
  }
}

function duplicates(names: readonly string[]): number[] {
  return names.flatMap((name, i) => (names.indexOf(name) < i ? [i] : []));
}
