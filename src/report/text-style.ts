/** How a terminal sets off parts of a text. The words are the same without it. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const PLAIN: Style = { heading: (text) => text, faint: (text) => text };
