import type { Metadata } from "next";
import { AgreementsPanel } from "#components/prices/agreements-panel.tsx";
import { DifferencePanel } from "#components/prices/difference-panel.tsx";
import { ModelsPanel } from "#components/prices/models-panel.tsx";
import { PriceHistoryPanel } from "#components/prices/price-history-panel.tsx";
import { PriceListPanel } from "#components/prices/price-list-panel.tsx";
import { RepricingPanel } from "#components/prices/repricing-panel.tsx";
import { RetirementsPanel } from "#components/prices/retirements-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadPrices } from "#lib/reports/load-prices.ts";
import { parsePricesParams } from "#lib/url/prices-params.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Prices" };

export default async function PricesPage({ searchParams }: PageProps<"/prices">) {
  const search = await searchParams;
  const report = await loadPrices(await currentPrincipal(), parseReportParams(search), parsePricesParams(search));
  const { context } = report;
  return (
    <PageFrame
      needsLedger={false}
      title="Prices"
      path="/prices"
      context={context}
      controls={{ period: true, compare: false, filters: true }}
    >
      <ModelsPanel report={report} />
      <DifferencePanel report={report} />
      <RetirementsPanel report={report} />
      <PriceHistoryPanel report={report} />
      <AgreementsPanel
        agreements={report.agreements}
        canChange={report.canChange}
        currency={report.currency}
        today={`${context.today.slice(0, 8)}01`}
        offered={report.offered}
      />
      <RepricingPanel bookVersion={report.book.version} canChange={report.canChange} />
      <PriceListPanel report={report} />
    </PageFrame>
  );
}
