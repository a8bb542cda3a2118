/**
 * What a version of an image has inside: the texts that read it on its test machine, the list that comes back, the
 * CycloneDX document that is kept, what differs between two versions, and what of a list of vulnerabilities is inside. Pure; the publish run reads and keeps, `diff`,
 * `show --sbom`, `who has` and the approval card tell.
 */
export {
  type ContentsChanges,
  type ContentsSummary,
  compareContents,
  countsOf,
  type ListChange,
  type PackageChange,
  summaryOf,
  versionChange,
} from './compare';
export {
  type Contents,
  type ContentsGap,
  contentsGapReason,
  contentsGapWords,
  type ListName,
  listNames,
  type Package,
  testAdministrator,
} from './contents';
export { type CycloneDx, fromCycloneDx, osOf, packageOf, packageUrl, toCycloneDx } from './cyclonedx';
export { type ListingHead, listingHead, readListing } from './listing';
export { pieceCommand } from './script';
export { compareReleases } from './version-order';
export {
  compareFindings,
  type FindingsChange,
  findingsIn,
  findVulnerability,
  idsOf,
  type VulnerabilityList,
  type VulnerabilitySummary,
  vulnerabilityList,
  vulnerabilitySummary,
} from './vulnerabilities';
export { readVulnerabilities, vulnerabilityFormat, vulnerabilitySchema } from './vulnerability-files';
