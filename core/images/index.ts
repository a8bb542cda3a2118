/**
 * What a golden image is: versions, bases, the tattoo and what it proves, a machine's lineage, the plan of a publish,
 * the first real error of a build. Pure.
 */
export { assessBases, byNumber, isDeprecated, latestBase } from './bases';
export { failureOfLog, type LogFailure, stepsBegun } from './first-error';
export {
  type Doubt,
  foreignLineage,
  type GoldenGallery,
  goldenGallery,
  goldenImages,
  lineageOf,
  type Origin,
} from './lineage';
export { imageRef, latestPublished, placesOf, planPublish } from './planning';
export {
  isTattooField,
  parseTattoo,
  type Tattoo,
  tattooFile,
  tattooFromTags,
  tattooPath,
  tattooTags,
  versionTags,
} from './tattoo';
export {
  type EvidenceRow,
  type Judgement,
  type TattooEvidence,
  type TattooVerdict,
  tattooVerdict,
} from './tattoo-verdict';
export { type Bump, compareVersions, highest, isVersion } from './versions';
