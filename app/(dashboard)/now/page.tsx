import type { Metadata } from "next";
import { NowView } from "#components/now/now-view.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadNow } from "#lib/reports/load-now.ts";
import { parseReportParams, toHref } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Now" };

export default async function NowPage({ searchParams }: PageProps<"/now">) {
  const params = parseReportParams(await searchParams);
  const report = await loadNow(await currentPrincipal(), params);
  return (
    <PageFrame
      needsLedger={false}
      title="Now"
      path="/now"
      context={report.context}
      controls={{ period: false, compare: false, filters: false }}
    >
      <NowView first={report} address={toHref("/api/now", params)} />
    </PageFrame>
  );
}
