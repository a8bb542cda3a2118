/** The stages of a digest run, in their order. */
export const digestStages = ['gather', 'post'] as const;
