/** Accounts of one region and subscription: one call of the batch endpoint reads them all. */
export type BatchGroup = {
  readonly region: string;
  readonly subscription: string;
  readonly resourceIds: readonly string[];
};

/** The endpoint takes at most this many resources in one call (azure-telemetry reference, section 2.3). */
const MAX_RESOURCES = 50;
/** Points of one series times resources in one call, so that an answer stays of a size that can be read. */
const MAX_POINTS = 12_000;

/**
 * Which resources can be read together, and which must be asked one by one: those whose region is unknown, and those that are
 * alone. `pointsPerSeries` of the longest window bounds how many share a call.
 */
export function batchGroups(
  resourceIds: readonly string[],
  regionOf: (resourceId: string) => string | undefined,
  pointsPerSeries: number,
): { readonly groups: readonly BatchGroup[]; readonly single: readonly string[] } {
  const byPlace = Map.groupBy(resourceIds, (id) => {
    const region = regionOf(id)?.toLowerCase().replaceAll(" ", "") ?? "";
    const subscription =
      /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//i.exec(id)?.[1]?.toLowerCase() ?? "";
    return region === "" || subscription === "" ? "" : `${region}/${subscription}`;
  });
  const size = Math.max(2, Math.min(MAX_RESOURCES, Math.floor(MAX_POINTS / Math.max(1, pointsPerSeries))));
  const groups: BatchGroup[] = [];
  const single: string[] = [];
  for (const [place, ids] of byPlace) {
    const [region = "", subscription = ""] = place.split("/");
    for (let from = 0; from < ids.length; from += size) {
      const part = ids.slice(from, from + size);
      if (place === "" || part.length === 1) single.push(...part);
      else groups.push({ region, subscription, resourceIds: part });
    }
  }
  return { groups, single };
}
