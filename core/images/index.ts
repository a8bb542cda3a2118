/**
 * What a golden image is: the plan of a publish with its base and number, whether its source and definition fit, the tattoo and what it proves, the
 * fingerprint that an approval is bound to, where a machine comes from, the first real error of a build. Pure; the publish run, `tattoo`, `versions` and the counts use
 * it.
 */
export {
  type BaseNews,
  type BaseRead,
  type BaseVersion,
  baseAsked,
  baseNews,
  isNewerBase,
  latestBase,
  readBase,
  readBases,
  withdrawn,
} from './bases';
export { basesTogether, type TogetherRead } from './bases-together';
export {
  channelsOf,
  channelTag,
  type Follow,
  type Followed,
  followedOf,
  type VersionChannel,
  versionChannels,
  versionsIn,
} from './channels';
export {
  type Difference,
  differences,
  differenceText,
  type Fingerprint,
  fingerprintDigest,
  fingerprintOf,
  forgeries,
  shortFingerprint,
  tagsOfCopy,
  tattooDigest,
  withTattoo,
} from './fingerprint';
export { failureOfBuild, failureOfLog, failureOfOutput, linesForPeople, stepsBegun } from './first-error';
export {
  createGallery,
  definitionCommand,
  isMissingDefinition,
  machineSecurity,
  misfitsOf,
  missingDefinition,
  noneIfMissing,
} from './fit';
export { lostScript } from './generalization';
export { saysNoTattoo, stepNames, tattooReader, tattooSteps } from './guest-tattoo';
export {
  type BaseAnswer,
  type BaseAnswers,
  type BasesInUse,
  type BasesRead,
  baseKey,
  basesInUse,
  goldenFor,
  knownBase,
  lookUpBase,
  outlookOf,
  type Retirement,
  retirementOf,
} from './known-base';
export {
  copiedIn,
  type Doubt,
  foreignLineage,
  type GoldenGallery,
  goldenGallery,
  goldenImages,
  lineageOf,
  type Origin,
} from './lineage';
export { outputHome, outputName } from './outputs';
export {
  galleryRef,
  homesOf,
  imageRef,
  mustBeGenuine,
  placesOf,
  planPublish,
  secondGalleryRef,
  secondNameOf,
} from './planning';
export {
  beingCopied,
  type EvidenceRow,
  type GoldenVersion,
  goldenVersionsIn,
  isCandidate,
  isHiddenCopy,
  isTattooField,
  type Judgement,
  type OriginName,
  parseTattoo,
  type RecordedJudgement,
  type Tattoo,
  type TattooEvidence,
  type TattooVerdict,
  tattooFields,
  tattooFile,
  tattooFromTags,
  tattooHash,
  tattooTagNames,
  tattooTags,
  tattooVerdict,
  type Unread,
  usedBase,
  versionTags,
  whyCandidate,
} from './tattoo';
export {
  type Bump,
  byNumber,
  compareVersions,
  highest,
  isVersion,
  latestPublished,
  nextVersion,
  type Unmet,
  unmet,
} from './versions';
