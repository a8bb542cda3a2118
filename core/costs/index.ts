/**
 * What copies of versions cost a month: Azure's public price list, a dated table where it cannot be read, and what follows
 * for a version and for what is asked to be done to it. Pure but for the one question to the list; `cost`, the plans of
 * later life and leftovers use it.
 */
export { type CopiesCost, costOfCopies, leftAfterRetiring, savedByRetiring } from './copies';
export {
  type EstateCost,
  estateCost,
  type ImageCost,
  type StoredVersion,
  type VersionCost,
  versionCost,
} from './estate';
export {
  type CopyPrice,
  type PriceList,
  type PricesRead,
  pricesFor,
  type TrafficPrice,
  tablePrice,
  tableSource,
  trafficOf,
} from './prices';
