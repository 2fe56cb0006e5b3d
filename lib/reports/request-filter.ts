import type { RequestFilter } from "../ledger/ledger.ts";
import type { ReportParams } from "../url/report-params.ts";

/** The part of a page's filter that requests know; a filter of token kinds or meters says nothing about a request. */
export function requestFilter({ filter }: Pick<ReportParams, "filter">): RequestFilter {
  const { team, application, account, deployment, model, operation, apiVersion, streamType, spillover } = filter;
  return { team, application, account, deployment, model, operation, apiVersion, streamType, spillover };
}

/** Whether requests can be counted under a filter as its cost is: one of token kinds or meters says nothing about them. */
export function isKnownToRequests(filter: ReportParams["filter"]): boolean {
  const known = Object.keys(requestFilter({ filter }));
  return Object.keys(filter).every((dimension) => known.includes(dimension));
}
