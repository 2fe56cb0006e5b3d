import { LOCAL_ADMINISTRATOR, type Principal } from "./principal.ts";

/** Who asks: the fixed administrator while an installation has no sign-in. */
export async function currentPrincipal(): Promise<Principal> {
  return LOCAL_ADMINISTRATOR;
}
