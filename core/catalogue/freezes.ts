import { regionKey } from '../azure-id';
import { freeFrom, recurs } from '../windows';
import { type Problem, problem, type Read } from './file';
import type { AzureConfig, Catalogue, Freeze, ImageConfig, TeamConfig } from './schemas';

/** Whether the window holds back what becomes of an image in one of these regions. */
export function freezesImage({ images, regions, teams }: Freeze, image: string, into: readonly string[]): boolean {
  if (!images && !regions) return !teams;
  const keys = new Set(into.map(regionKey));
  return (!images || images.includes(image)) && (!regions || regions.some((region) => keys.has(regionKey(region))));
}

/** Whether the window holds back what is changed for a team; null: for no team, or for several. */
export function freezesTeam({ images, regions, teams }: Freeze, team: string | null): boolean {
  if (!teams) return !images && !regions;
  return team !== null && teams.includes(team);
}

/** Those that hold back a rollout: by its image, or by the team whose machines it moves. */
export function freezesOfRollout(
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
  { image, team }: { readonly image: string; readonly team: string | null },
): readonly Freeze[] {
  const regions = (images.find(({ name }) => name === image)?.regions ?? []).map(({ name }) => name);
  return azure.freeze.filter((window) => freezesTeam(window, team) || freezesImage(window, image, regions));
}

interface Around {
  readonly images: readonly Read<ImageConfig>[];
  readonly teams: Read<Readonly<Record<string, TeamConfig>>> | undefined;
}

/** Names that nobody has, and windows that together leave no time at all. */
export function checkFreezes(azure: Read<AzureConfig>, { images, teams }: Around): readonly Problem[] {
  const { freeze, location } = azure.value;
  const at = (path: readonly (string | number)[], message: string) =>
    problem(azure.source, ['freeze', ...path], `freeze.${path.join('.')}: ${message}`);
  const known = {
    images: new Set(images.map(({ value }) => value.name)),
    teams: new Set(Object.keys(teams?.value ?? {})),
    regions: new Set([location, ...images.flatMap(({ value }) => value.regions.map((r) => r.name))].map(regionKey)),
  };
  const strangers = freeze.flatMap((window, i) => [
    ...(window.images ?? []).flatMap((name, j) =>
      known.images.has(name) ? [] : at([i, 'images', j], `${name} is not an image of the catalogue`),
    ),
    ...(window.teams ?? []).flatMap((name, j) =>
      known.teams.has(name) || !teams ? [] : at([i, 'teams', j], `${name} is not a team of the catalogue`),
    ),
    ...(window.regions ?? []).flatMap((name, j) =>
      known.regions.has(regionKey(name)) ? [] : at([i, 'regions', j], `no image goes to ${name}`),
    ),
  ]);
  const names = freeze.map(({ name }) => name.toLowerCase());
  const twice = names.flatMap((name, i) =>
    names.indexOf(name) < i ? at([i, 'name'], `${freeze[i]?.name} is the name of another window`) : [],
  );
  return [...strangers, ...twice, ...images.flatMap((image) => neverFree(image.value, azure, at))];
}

/** Any moment will do: windows that recur do so for ever. */
const someDay = new Date(Date.UTC(2028, 0, 1));

function neverFree(
  image: ImageConfig,
  { value: { freeze } }: Read<AzureConfig>,
  at: (path: readonly (string | number)[], message: string) => Problem,
): readonly Problem[] {
  const regions = image.regions.map(({ name }) => name);
  const own = freeze.filter((window) => recurs(window) && freezesImage(window, image.name, regions));
  if (own.length === 0 || freeFrom(own, someDay)) return [];
  const last = freeze.findLastIndex((window) => own.includes(window));
  const which = own.map(({ name }) => name).join(', ');
  return [at([last], `with ${which} there is no time left in which ${image.name} could be published`)];
}
