/** What a person may see: everything, or the rows of named teams. */
export type Visibility =
  | { readonly kind: "everything" }
  | { readonly kind: "teams"; readonly teams: readonly string[] };

/** Who asks. Every report loader and every command takes one; a page cannot ask without saying for whom. */
export type Principal = {
  readonly id: string;
  readonly name: string;
  readonly role: "administrator" | "viewer";
  readonly sees: Visibility;
};

/** The fixed administrator of an installation without sign-in. */
export const LOCAL_ADMINISTRATOR: Principal = {
  id: "local-administrator",
  name: "Local administrator",
  role: "administrator",
  sees: { kind: "everything" },
};
