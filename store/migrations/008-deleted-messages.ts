/**
 * Somebody deleted the message of a card in Teams that people were to act on: when goldbot found that out (world time).
 * It is posted anew once.
 */
export const deletedMessages = `
alter table card add column deleted_at timestamptz;
`;
