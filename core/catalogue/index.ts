/**
 * The configuration in `catalog/`: schemas, and one parse that finds all problems at once with file and line. Pure;
 * app/ reads the files.
 */
export type { CatalogueFile } from './file';
export { freezesImage, freezesOfRollout, freezesTeam } from './freezes';
export { describeProblems, type ParsedCatalogue, parseCatalogue } from './parse';
export type { Programs } from './programs';
export {
  type AzureConfig,
  type Catalogue,
  channelsOf,
  decidingGroups,
  type Freeze,
  findImage,
  type ImageConfig,
  type MachineSettings,
  machinesOf,
  type Risk,
  type Role,
  risks,
  type TeamConfig,
  zoneOfChannel,
} from './schemas';
export type { ImageSource } from './source';
export { type TemplateOrigin, unpinnedDownloads } from './template';
