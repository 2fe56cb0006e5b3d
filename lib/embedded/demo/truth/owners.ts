import { demoOwners } from "../demo-settings.ts";
import type { TruthTeam } from "./tally.ts";

/** Who called, as far as a source tells; empty text is "not told". */
export type Told = { readonly subscription: string; readonly application: string; readonly caller: string };

export const NOTHING_TOLD: Told = { subscription: "", application: "", caller: "" };

/** The owner by the demo's ordered rules: the first one that matches. `deployment` is `account/deployment`. */
export function ownerOf(told: Told, deployment: string): TruthTeam {
  const key = `${told.subscription}|${told.application}|${told.caller}|${deployment}`;
  const known = FOUND.get(key);
  if (known !== undefined) return known;
  const seen = { apimSubscription: told.subscription, application: told.application, caller: told.caller, deployment };
  const owner = RULES.find((rule) => seen[rule.kind] === rule.value)?.team ?? "unattributed";
  FOUND.set(key, owner);
  return owner;
}

const RULES = demoOwners();
const FOUND = new Map<string, TruthTeam>();
