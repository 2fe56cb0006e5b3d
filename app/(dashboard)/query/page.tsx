import type { Metadata } from "next";
import { QueryView } from "#components/query/query-view.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadQuery } from "#lib/reports/load-query.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Query" };

export default async function QueryPage({ searchParams }: PageProps<"/query">) {
  const search = await searchParams;
  const text = typeof search.q === "string" ? search.q : undefined;
  const report = await loadQuery(await currentPrincipal(), parseReportParams(search), text);
  return (
    <PageFrame
      title="Query"
      path="/query"
      context={report.context}
      needsLedger={false}
      controls={{ period: false, compare: false, filters: false }}
    >
      <QueryView
        key={report.text}
        initialText={report.text}
        runsAtOnce={text !== undefined}
        library={report.library}
        initialSaved={report.saved}
      />
    </PageFrame>
  );
}
