/**
 * First contact: what goldbot says where it was added, and whom somebody can ask who may not do anything yet. It reads the
 * catalogue and who is in which group, and changes nothing.
 */
export { type Arrival, greeting } from './greeting';
export { whomToAsk } from './whom';
