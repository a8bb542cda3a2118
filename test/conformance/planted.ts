import { type Planted, properties, renamed } from './planted-body';
import { plantedInChanges } from './planted-changes';

/** One of each kind for goldbot's services (the request) and for the sandbox (the answer). */
export const planted: readonly Planted[] = [
  {
    mistake: 'services: a typo in a field of an image template',
    operation: 'VirtualMachineImageTemplates_CreateOrUpdate',
    plant: ({ requestBody }) => renamed(properties(requestBody), 'buildTimeoutInMinutes', 'buildTimeoutMinutes'),
    caught: /buildTimeoutMinutes/,
  },
  {
    mistake: 'services: a wrong enum value in the body of a VM',
    operation: 'VirtualMachines_CreateOrUpdate',
    plant: ({ requestBody }) => {
      const disk = properties(requestBody)['storageProfile']?.['osDisk'] as Record<string, unknown>;
      disk['createOption'] = 'FromTheImage';
    },
    caught: /createOption/,
  },
  {
    mistake: 'services: a field in the wrong place of a PATCH',
    operation: 'GalleryImageVersions_Update',
    plant: ({ requestBody }) =>
      renamed(properties(requestBody)['publishingProfile'], 'excludeFromLatest', 'excludedFromLatest'),
    caught: /excludedFromLatest/,
  },
  {
    mistake: 'services: a disk by another name in the PUT of a version',
    operation: 'GalleryImageVersions_CreateOrUpdate',
    plant: ({ requestBody }) => renamed(properties(requestBody)['storageProfile'], 'osDiskImage', 'osDisk'),
    caught: /osDisk/,
  },
  {
    mistake: 'services: an address that Azure does not have',
    operation: 'GalleryImageVersions_Get',
    plant: (exchange) => {
      exchange.url = exchange.url.replace('/versions/', '/version/');
    },
    caught: /unknown operation/,
  },
  {
    mistake: 'sandbox: a typo in a field of an answer',
    operation: 'GalleryImageVersions_Get',
    plant: ({ responseBody }) => renamed(properties(responseBody)['publishingProfile'], 'publishedDate', 'publishDate'),
    caught: /publishDate/,
  },
  {
    mistake: 'sandbox: a wrong enum value in an answer',
    operation: 'VirtualMachineImageTemplates_Get',
    plant: ({ responseBody }) => {
      (properties(responseBody) as Record<string, unknown>)['provisioningState'] = 'Ready';
    },
    caught: /provisioningState/,
  },
  {
    mistake: 'sandbox: a lost header of a long-running operation',
    operation: 'VirtualMachineImageTemplates_CreateOrUpdate',
    plant: (exchange) => {
      const { 'azure-asyncoperation': _, ...rest } = exchange.responseHeaders;
      exchange.responseHeaders = rest;
    },
    caught: /azure-asyncoperation/i,
  },
  {
    mistake: 'sandbox: a lost throttling header',
    operation: 'Resources',
    plant: (exchange) => {
      const { 'x-ms-user-quota-remaining': _, ...rest } = exchange.responseHeaders;
      exchange.responseHeaders = rest;
    },
    caught: /x-ms-user-quota-remaining/,
  },
  {
    mistake: 'sandbox: a wrong status',
    operation: 'VirtualMachineRunCommands_CreateOrUpdate',
    plant: (exchange) => {
      exchange.status = 203;
    },
    caught: /203|INVALID_RESPONSE_CODE/,
  },
  {
    mistake: 'sandbox: a region by its short name where Azure displays it',
    operation: 'GalleryImageVersions_Get',
    plant: ({ responseBody }) => {
      const regions = properties(responseBody)['publishingProfile']?.['targetRegions'] as { name: string }[];
      for (const region of regions) region.name = region.name.replaceAll(' ', '').toLowerCase();
    },
    caught: /region/i,
  },
  {
    mistake: 'sandbox: null where Azure has an object',
    operation: 'VirtualMachines_Get',
    plant: ({ responseBody }) => {
      (properties(responseBody) as Record<string, unknown>)['storageProfile'] = null;
    },
    caught: /storageProfile/,
  },
  ...plantedInChanges,
];
