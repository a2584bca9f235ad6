/** How a terminal sets off parts of a text. The words are the same without it. */
export interface TextStyle {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const PLAIN: TextStyle = { heading: (text) => text, faint: (text) => text };
