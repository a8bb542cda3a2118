import type { Seen } from './checks';

/** Names of Compute's request policies as they were recorded, by verb and type in lower case: one set, or one of several. */
const recorded: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'PUT galleries': [both('CreateUpdateGallery')],
  'GET galleries': [both('GetGallery')],
  'DELETE galleries': [both('DeleteGallery')],
  'POST galleries/share': [both('PostShareGallery')],
  'PUT galleries/images': [both('CreateUpdateGalleryImage')],
  'GET galleries/images': [both('GetGalleryImage')],
  'LIST galleries/images': [both('ListGalleryImagesInGallery')],
  'DELETE galleries/images': [both('DeleteGalleryImage')],
  'PUT galleries/images/versions': [both('CreateUpdateGalleryImageVersion')],
  'GET galleries/images/versions': [both('GetGalleryImageVersion')],
  'LIST galleries/images/versions': [both('ListGalleryImageVersionsInGalleryImage')],
  'DELETE galleries/images/versions': [both('DeleteGalleryImageVersion')],
  'GET locations/capsoperations': [both('GetOperationStatus')],
  'GET locations/operations': [['GetOperationResource', 'GetOperationSubscriptionMaximum']],
  'GET locations/diskoperations': [both('GetOperation')],
  'GET locations/publishers/artifacttypes/offers/skus/versions': [both('GetVMImageFromLocation')],
  'LIST locations/publishers/artifacttypes/offers/skus/versions': [both('ListVMImagesVersionsFromLocation')],
  'GET virtualmachines': [['LowCostGetSubscriptionMaximum', 'LowCostGetResource']],
  'GET virtualmachines/runcommands': [['LowCostGetSubscriptionMaximum', 'LowCostGetResource']],
  'LIST virtualmachines/runcommands': [['LowCostGetSubscriptionMaximum', 'LowCostGetResource']],
  'PUT virtualmachines/runcommands': [['UpdateVMSubscriptionMaximum', 'UpdateVMResource']],
  'PATCH virtualmachines/runcommands': [['UpdateVMSubscriptionMaximum', 'UpdateVMResource']],
  'DELETE virtualmachines/runcommands': [['UpdateVMSubscriptionMaximum', 'UpdateVMResource']],
  'POST virtualmachines/runcommand': [['UpdateVMSubscriptionMaximum', 'UpdateVMResource']],
  'POST virtualmachines/generalize': [['UpdateVMSubscriptionMaximum', 'UpdateVMResource']],
  'POST virtualmachines/deallocate': [['DeleteVMSubscriptionMaximum', 'DeleteVMResource']],
  'GET virtualmachinescalesets': [['GetVMScaleSetSubscriptionMaximum', 'GetVMScaleSetResource']],
};

/** What was recorded of such a request; undefined where nothing was. */
export function quotaNames({ method, kind, type, at }: Seen): readonly (readonly string[])[] | undefined {
  const verb = method === 'GET' && kind === 'list' ? 'LIST' : method;
  const action = kind === 'action' ? `/${at.pathname.split('/').at(-1)?.toLowerCase()}` : '';
  return recorded[`${verb} ${type.replace('microsoft.compute/', '')}${action}`];
}

function both(name: string): readonly string[] {
  return [`${name}3Min`, `${name}30Min`];
}
