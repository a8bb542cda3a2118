import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Catalogue, type CatalogueFile, describeProblems, parseCatalogue } from '../../core/catalogue';
import { secondGallery } from '../../sandbox/azure/names';

const folder = join(__dirname, '..', '..', 'catalog');

export function exampleFiles(): CatalogueFile[] {
  const images = readdirSync(join(folder, 'images')).map((name) => `images/${name}`);
  return ['azure.yaml', 'roles.yaml', 'teams.yaml', ...images].map((path) => ({
    path,
    text: readFileSync(join(folder, path), 'utf8'),
  }));
}

let example: Catalogue | undefined;

/** The catalogue that a user copies; read once, so nobody may change it. */
export function exampleCatalogue(): Catalogue {
  example ??= readExample();
  return example;
}

function readExample(): Catalogue {
  const parsed = parseCatalogue(exampleFiles());
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems));
  return parsed.catalogue;
}

/** The same with the second gallery that the sandbox has. */
export function withSecondGallery(): Catalogue {
  const catalogue = exampleCatalogue();
  const { name, resourceGroup } = secondGallery;
  return { ...catalogue, azure: { ...catalogue.azure, secondGallery: { name, resourceGroup } } };
}
