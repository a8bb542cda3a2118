/** Every step of a run looks for the messages about it by the beginning of their topic, whatever the collation. */
export const cardTopics = `
create index card_topic on card (topic text_pattern_ops);
`;
