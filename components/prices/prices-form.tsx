import Form from "next/form";
import type { ReactNode } from "react";
import { type PricesParams, pricesSearch } from "#lib/url/prices-params.ts";
import type { ReportParams } from "#lib/url/report-params.ts";

/** The state of a page that a form keeps while it changes something else. */
export function KeptParams({ search, without }: { search: URLSearchParams; without: readonly string[] }) {
  return [...search]
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => <input key={`${name}=${value}`} type="hidden" name={name} value={value} />);
}

/** A form that changes a part of the Prices page's URL and keeps the rest; the list begins again at its first page. */
export function PricesForm({
  params,
  prices,
  changes,
  className,
  children,
}: {
  params: ReportParams;
  prices: PricesParams;
  /** The names of the form's own fields. */
  changes: readonly string[];
  className: string;
  children: ReactNode;
}) {
  return (
    <Form action="/prices" scroll={false} className={className}>
      <KeptParams search={pricesSearch(params, prices)} without={["page", ...changes]} />
      {children}
    </Form>
  );
}
