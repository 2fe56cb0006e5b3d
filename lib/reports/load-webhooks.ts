import type { Principal } from "../auth/principal.ts";
import { listChannels } from "../db/channels.ts";
import { countOutbox, listOutbox, type OutboxRow } from "../db/outbox.ts";
import { openSealer } from "../db/secrets.ts";
import { formatInstant } from "../format/format-time.ts";
import type { Channel } from "../notifications/channel.ts";
import { OUTBOX_STATES, type OutboxState } from "../notifications/outbox.ts";
import { toInstant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";
import type { State } from "./table-model.ts";

/** A webhook as its list shows it: the host and how its address ends, never the address, and no secret. */
export type WebhookLine = {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  /** The last four characters of a long address, which tell two of one host apart; empty for a short one. */
  readonly ending: string;
  readonly disabledReason: string | null;
};

/** One message of the outbox. */
export type DeliveryLine = {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly state: State;
  readonly stateWord: string;
  readonly attempts: number;
  readonly written: string;
  /** When it arrived, or when it is tried again; empty for neither. */
  readonly outcome: string;
  readonly lastError: string;
  readonly canReplay: boolean;
};

export type WebhooksReport = {
  readonly channels: readonly WebhookLine[];
  readonly deliveries: readonly DeliveryLine[];
  /** How many messages are in each state that has any. */
  readonly counts: readonly { readonly state: OutboxState; readonly count: number }[];
  /** Why the channels cannot be read; null when they can. */
  readonly failure: string | null;
};

const SHOWN_DELIVERIES = 20;

/** The webhooks and what was sent last; null for a person who may not see them. */
export async function loadWebhooks(
  principal: Principal,
  zone: ZoneId,
  given?: ReportSources,
): Promise<WebhooksReport | null> {
  if (principal.role !== "administrator" || principal.sees.kind !== "everything") return null;
  const { state, env, now } = await sourcesOr(given);
  const [channels, rows, counts] = await Promise.all([
    readChannels(state, env.SECRETS_KEY, now()),
    listOutbox(state.db, SHOWN_DELIVERIES),
    countOutbox(state.db),
  ]);
  const names = new Map(channels.list.map(({ id, name }) => [id, name]));
  return {
    channels: channels.list.map(webhookLine),
    deliveries: rows.map((row) => deliveryLine(row, names.get(row.channelId) ?? "(removed channel)", zone)),
    counts: OUTBOX_STATES.flatMap((one) => (counts[one] > 0 ? [{ state: one, count: counts[one] }] : [])),
    failure: channels.failure,
  };
}

/** Sealed with another key, channels cannot be opened: the page says so and the deliveries stay visible. */
async function readChannels(
  state: ReportSources["state"],
  secretsKey: string | undefined,
  now: ReturnType<ReportSources["now"]>,
): Promise<{ readonly list: readonly Channel[]; readonly failure: string | null }> {
  try {
    return { list: await listChannels(state.db, await openSealer(state, secretsKey, now)), failure: null };
  } catch (error) {
    return { list: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

function webhookLine({ id, name, url, state, disabledReason }: Channel): WebhookLine {
  const { host, origin } = new URL(url);
  const ending = url.length - origin.length >= 16 ? url.slice(-4) : "";
  return {
    id,
    name,
    host,
    ending,
    disabledReason: state === "disabled" ? (disabledReason ?? "switched off") : null,
  };
}

const FACES: Readonly<Record<OutboxState, State>> = {
  queued: "late",
  sending: "late",
  delivered: "ok",
  retrying: "watch",
  dead: "firing",
  cancelled: "no data",
};

function deliveryLine(row: OutboxRow, channel: string, zone: ZoneId): DeliveryLine {
  const next = row.state === "queued" || row.state === "retrying";
  return {
    id: row.id,
    channel,
    kind: row.kind,
    state: FACES[row.state],
    stateWord: row.state,
    attempts: row.attempt,
    written: formatInstant(row.createdAt, zone),
    outcome: row.deliveredAt
      ? `delivered ${formatInstant(toInstant(row.deliveredAt), zone)}`
      : next
        ? `next try ${formatInstant(row.nextAttemptAt, zone)}`
        : "",
    lastError: row.lastError ?? "",
    canReplay: row.state === "dead",
  };
}
