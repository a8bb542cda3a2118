import {
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  platformSubscription,
} from '../../../sandbox/azure/names';

export const subscription = `/subscriptions/${platformSubscription}`;
export const buildGroup = `${subscription}/resourceGroups/${buildResourceGroup}`;
export const galleryGroup = `${subscription}/resourceGroups/${galleryResourceGroup}`;
export const gallery = `${galleryGroup}/providers/Microsoft.Compute/galleries/${galleryName}`;
export const ubuntu = `${gallery}/images/ubuntu-22`;
export const newest = `${ubuntu}/versions/1.5.0`;
