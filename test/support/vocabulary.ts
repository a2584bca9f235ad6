/** The words of our schemas that are none of JSON Schema: a strict reader is told of them. */
export const VOCABULARY = ['affects', 'path', 'enumDescriptions'];
