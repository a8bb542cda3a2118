/** Cards name their conversation by id or by name; without this every claim reads all conversations. */
export const conversationNames = `
create index conversation_name on conversation (name);
`;
