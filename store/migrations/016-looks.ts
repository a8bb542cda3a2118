/**
 * What a card looks like in Teams (a hash), as of the state `look_of`: whichever replica finds that it would look the same
 * asks nothing of Teams. A replica of the version before moves `shown` alone, and what it left counts as unknown.
 */
export const looks = `
alter table card add column look text, add column look_of bigint;
`;
