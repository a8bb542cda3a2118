/**
 * Requests of one schedule share a card: its topic. Null: the request has a card of its own, `approval:<id>`, as all that
 * were asked by earlier versions.
 */
export const sharedCards = `
alter table approval add column card_topic text;
create index approval_of_card on approval (card_topic) where card_topic is not null;
`;
