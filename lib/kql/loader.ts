import { createRequire } from "node:module";
import { correctBinder } from "./binder-corrections.ts";
import type { Kusto, KustoNamespace } from "./syntax.ts";

const require = createRequire(import.meta.url);
let loaded: KustoNamespace | null = null;

/**
 * Microsoft's KQL language service, loaded once per process (about 200 ms).
 * The package is two scripts that put themselves on `globalThis`; this is the only place that touches them.
 */
export function kusto(): Kusto {
  if (loaded === null) {
    require("@kusto/language-service-next/bridge.min.js");
    require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
    // The two scripts define this global; its shape is pinned with the package's version.
    loaded = (globalThis as unknown as { Kusto: KustoNamespace }).Kusto;
    correctBinder(loaded.Language);
  }
  return loaded.Language;
}
