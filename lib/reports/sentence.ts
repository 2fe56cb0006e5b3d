/** A sentence made of words and figures; a figure with a receipt is a link to it, one with a link goes there. */
export type Sentence = readonly SentencePart[];

export type SentencePart =
  | string
  | { readonly figure: string; readonly exact?: string; readonly receipt?: string; readonly href?: string };
