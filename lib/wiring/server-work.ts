import { Cron } from "croner";
import { growDemoTenant } from "../embedded/demo/create-demo-tenant.ts";
import { scheduleEvaluation } from "../evaluation/scheduled-evaluation.ts";
import type { Runtime } from "../runtime.ts";
import { archiveForgotten } from "./archive.ts";
import { billingClient, readBill, readReservationsOfAzure } from "./read-billing.ts";
import { pullListPrices, storeListPrices } from "./sync-list-prices.ts";

/** The scheduled work of a server; `stop` ends it after the present step. */
export type ServerWork = { readonly stop: () => Promise<void> };

/**
 * Starts what a server does by itself: the demo grows each minute, the newest day and then history are read, each minute
 * what is new is ingested, budgets are evaluated and delivered, list prices are synced, the bill is read and what
 * the workspace forgets is archived once a day. A step that fails is logged and tried again in its turn.
 */
export function startServerWork(runtime: Runtime): ServerWork {
  const { log } = runtime;
  const abort = new AbortController();
  const report = (what: string) => (error: unknown) => {
    if (!abort.signal.aborted) log.error({ message: error instanceof Error ? error.message : String(error) }, what);
  };

  // The beginning and the clock may ask for the same minute: the demo grows once, and the sources are asked once.
  let underWay: Promise<void> | undefined;
  const minuteOnce = () => {
    underWay ??= eachMinute(runtime, abort.signal).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  const minute = new Cron(
    "5 * * * * *",
    { protect: true, unref: true, catch: report("The minute's work failed") },
    minuteOnce,
  );
  const prices = new Cron(
    "0 17 4 * * *",
    {
      protect: true,
      unref: true,
      timezone: "UTC",
      catch: report("The list prices could not be synced; those of the last sync stay in use"),
    },
    () => syncPrices(runtime, abort.signal),
  );
  const billing = new Cron(
    "0 41 4 * * *",
    { protect: true, unref: true, timezone: "UTC", catch: report("The bill could not be read") },
    () => readBilling(runtime, abort.signal),
  );
  const archive = new Cron(
    "0 23 5 * * *",
    { protect: true, unref: true, timezone: "UTC", catch: report("What the workspace forgets could not be archived") },
    () => archivePast(runtime),
  );
  const beginning = begin(runtime, minuteOnce, abort.signal, report("The first read-back failed"));
  const evaluation = scheduleEvaluation(runtime, report("The evaluation failed"));
  evaluation.catch(report("The evaluation could not be scheduled"));

  return {
    async stop() {
      abort.abort();
      minute.stop();
      prices.stop();
      billing.stop();
      archive.stop();
      await Promise.allSettled([beginning, evaluation.then((scheduled) => scheduled.stop())]);
    },
  };
}

const RETRY_MS = 30_000;

/** The newest figures first, then as far back as the workspace remembers; whatever fails is tried again. */
async function begin(
  runtime: Runtime,
  minuteOnce: () => Promise<void>,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await minuteOnce();
      const started = performance.now();
      const before = await runtime.ledger.readBack();
      const progress = await runtime.ingestion.readBack(runtime.now(), () => undefined, signal);
      if (progress.state === "complete") {
        const seconds = Math.round((performance.now() - started) / 1000);
        if (before.state !== "complete")
          runtime.log.info({ days: progress.daysDone, seconds }, "The read-back is complete");
        await archivePast(runtime);
        return;
      }
    } catch (error) {
      report(error);
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}

/** Once a day, and only where a real workspace is connected: the demo and imported logs ask nobody. */
async function syncPrices(runtime: Runtime, signal: AbortSignal): Promise<void> {
  if (runtime.mode !== "connected" || runtime.env.AZURE_CLOUD !== "public") return;
  const { list, kept } = await storeListPrices(runtime, await pullListPrices(runtime, { signal }));
  runtime.log.info({ rows: list.meters.length, kept, refused: list.refused.length }, "The list prices are synced");
}

/** Once a day and only where a real workspace is connected; a missing right is a state that the pages show. */
async function readBilling(runtime: Runtime, signal: AbortSignal): Promise<void> {
  if (runtime.mode !== "connected") return;
  const arm = billingClient(runtime);
  const costs = await readBill(runtime, arm, signal);
  const reservations = await readReservationsOfAzure(runtime, arm, signal);
  runtime.log.info(
    { costs: costs.read.state, months: costs.months, reservations: reservations.state },
    "The bill was read",
  );
}

/** Once the history is read and then once a day: what the workspace forgets stays in the archive. */
async function archivePast(runtime: Runtime): Promise<void> {
  const now = runtime.now();
  if ((await runtime.ledger.readBack()).state === "running") return;
  const months = await archiveForgotten(runtime, await runtime.ingestion.oldestKept(now));
  if (months.length > 0) runtime.log.info({ months }, "Months that the workspace forgets are archived");
}

async function eachMinute(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const now = runtime.now();
  if (runtime.mode === "demo" && runtime.embedded) {
    await growDemoTenant({ database: runtime.embedded.database, until: now });
  }
  const { failures, isHistoryDue } = await runtime.ingestion.runCycle(now, signal);
  for (const failure of failures) runtime.log.warn({ failure }, "A source could not be read");
  if (isHistoryDue) await runtime.ingestion.readBack(now, () => undefined, signal);
}
