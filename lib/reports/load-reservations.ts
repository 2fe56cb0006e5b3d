import type { Principal } from "../auth/principal.ts";
import { formatMoney, formatMoneyExact } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { type Reservation, reservedHour } from "../pricing/provisioned/reservations.ts";
import { shortPrice } from "../pricing/reconcile/offered-overrides.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { addMs, HOUR_MS, type Instant, quarterHourOf } from "../time/instant.ts";
import { dayOf, UTC } from "../time/zone.ts";
import { CAPACITY_SPLIT, capacityFilter, capacityRows } from "./capacity-split.ts";
import type { Cell, Row } from "./table-model.ts";

export type ReservationsReport = {
  /** Null for people who see only a part of the cost: a reservation belongs to nobody's team. */
  readonly reservations: readonly Row[] | null;
  readonly days: number;
  /** Capacity of these days, used, idle and unused, by who pays for it. */
  readonly capacity: readonly Row[];
  readonly currency: string;
};

const DAYS = 30;

/** The reservations that are known, and what the capacity of the last 30 days was paid by. */
export async function loadReservations(
  principal: Principal,
  given?: Pick<Runtime, "ledger" | "now" | "priceBook" | "reservations">,
): Promise<ReservationsReport> {
  const sources = given ?? (await getRuntime());
  const now = sources.now();
  const { currency } = await sources.priceBook();
  const isForAll = principal.sees.kind === "everything";
  const end = quarterHourOf(now);
  const [reservations, sums] = await Promise.all([
    isForAll ? sources.reservations() : null,
    sources.ledger.sumCharges({
      sees: principal.sees,
      period: { start: addMs(end, -DAYS * 24 * HOUR_MS), end },
      zone: UTC,
      grain: "total",
      groupBy: CAPACITY_SPLIT,
      filter: capacityFilter({}),
    }),
  ]);
  return {
    reservations: reservations?.map((one) => reservationRow(one, now, currency)) ?? null,
    days: DAYS,
    capacity: capacityRows(sums, currency),
    currency,
  };
}

function reservationRow(reservation: Reservation, now: Instant, currency: string): Row {
  const { id, name, scope, region, units, term, total, appliedTo, source } = reservation;
  const hour = priceDecimal(reservedHour(reservation), 1n);
  const date = (at: Instant) => formatDay(dayOf(at, UTC), { withYear: true });
  return {
    id,
    cells: {
      name: { text: name, title: id, note: source },
      covers: { text: [scope, region || "every region"].join(", ") },
      applies: { text: appliedTo === "shared" ? "shared" : appliedTo.map(shortScope).join(", ") },
      units: { text: units.toString(), exact: units.toString(), sort: Number(units) },
      term: { text: `${date(term.start)} to ${date(term.end)}`, sort: term.start },
      total: {
        text: formatMoney(total, { currency }),
        title: formatMoneyExact(total, currency),
        exact: total.toString(),
        sort: Number(total),
      },
      hour: { text: shortPrice(hour), title: hour, sort: Number(hour) },
      state: stateOf(term, now),
    },
  };
}

function stateOf(term: Reservation["term"], now: Instant): Cell {
  if (now < term.start) return { text: "not begun", state: "no data" };
  return now < term.end ? { text: "running", state: "ok" } : { text: "ended", state: "no data" };
}

/** The last part of an ARM id. */
function shortScope(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
