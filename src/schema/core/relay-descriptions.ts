/** Descriptions of what the Relay plugin declares by itself. */
export const relayDescriptions = {
  idFieldOptions: { description: 'The global id of the object, for `node` and for inputs.' },
  firstArgOptions: {
    description: 'How many objects from the start of the list, or behind `after`; 0 to 100.',
  },
  lastArgOptions: {
    description: 'How many objects from the end of the list, or ahead of `before`; 0 to 100.',
  },
  afterArgOptions: { description: 'Only objects behind this cursor.' },
  beforeArgOptions: { description: 'Only objects ahead of this cursor.' },
  hasNextPageFieldOptions: { description: 'Whether more objects follow this page.' },
  hasPreviousPageFieldOptions: { description: 'Whether objects precede this page.' },
  startCursorFieldOptions: { description: 'The cursor of the first object of this page.' },
  endCursorFieldOptions: { description: 'The cursor of the last object of this page.' },
};
