export const leftOut: readonly { readonly reason: string; readonly specs: readonly string[] }[] = [];
