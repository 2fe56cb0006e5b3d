import type { RequestFilter } from "../ledger/ledger.ts";
import type { ReportParams } from "../url/report-params.ts";

/** The part of a page's filter that requests know; a filter of token kinds or meters says nothing about a request. */
export function requestFilter({ filter }: Pick<ReportParams, "filter">): RequestFilter {
  const { team, application, account, deployment, model, operation, apiVersion, streamType, spillover } = filter;
  return { team, application, account, deployment, model, operation, apiVersion, streamType, spillover };
}
