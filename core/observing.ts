/** The role with which goldbot looks. `Reader` lets it see what it has no use for, and asks for no policy's verdict. */
export const observerRole = 'goldbot-observer';

/** What lets goldbot see something in Azure: an imperative clause. `where`: `there`. */
export function letObserve(where: string): string {
  return `give goldbot's identity the role ${observerRole} ${where}`;
}
