/** Where the comments of a written document stand. */
const COLUMN = 33;

/** A line of YAML and what it is about. */
export const line = (yaml: string, comment?: string): string =>
  comment === undefined ? yaml : `${yaml.length < COLUMN ? yaml.padEnd(COLUMN) : `${yaml} `}# ${comment}`;

/** Text as a YAML value: in quotes where it could be read as something else. */
export const quoted = (text: string): string =>
  /^[A-Za-z_.][\w./-]*$/.test(text) && !/^(true|false|null|\.inf|\.nan)$/i.test(text) ? text : JSON.stringify(text);

/** The same for words with spaces between them. */
export const sentence = (text: string): string => (/^[A-Za-z][\w ./-]*$/.test(text) ? text : JSON.stringify(text));

/** The largest number of epochs that a person would write and that is not above this one. */
export const roundEpochs = (epochs: number): number => ROUND.findLast((round) => round <= epochs) ?? ROUND[0];
const ROUND = [5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200] as const;
