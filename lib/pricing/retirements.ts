import { z } from "zod";
import { type LocalDay, parseLocalDay } from "../time/zone.ts";
import amendments from "./amendments.json" with { type: "json" };
import { readModelName } from "./model-name.ts";

/** When Azure stops serving a version of a model, and the model that it names instead (null when it names none). */
export type Retirement = {
  readonly model: string;
  readonly version: string;
  readonly retires: LocalDay;
  readonly successor: string | null;
};

const day = z.string().transform((text, context): LocalDay => {
  const read = parseLocalDay(text);
  if (read !== undefined) return read;
  context.issues.push({ code: "custom", message: `"${text}" is not a day`, input: text });
  return z.NEVER;
});

const SCHEDULE = z
  .object({
    source: z.string(),
    readAt: day,
    models: z.array(
      z.object({ model: z.string(), version: z.string(), retires: day, successor: z.string().nullable() }),
    ),
  })
  .parse(amendments.retirements);

/** Where the dates come from, and the day on which they were read: Azure moves them. */
export const RETIREMENT_SOURCE = { name: SCHEDULE.source, readAt: SCHEDULE.readAt } as const;

/**
 * The retirement of a model version as the bundled schedule has it. Without a version, the first of the model to end;
 * undefined where the schedule has no date. Fine-tuned models have a schedule of their own and none here.
 */
export function retirementOf(model: string, version: string): Retirement | undefined {
  const name = readModelName(model, version);
  if (name.tuning !== "base") return undefined;
  const ofModel = SCHEDULE.models.filter((row) => row.model === name.model);
  const ofVersion = name.version === "" ? ofModel : ofModel.filter((row) => row.version === name.version);
  return ofVersion.toSorted((a, b) => (a.retires < b.retires ? -1 : 1))[0];
}
