import Form from "next/form";
import { type ReportParams, toSearchParams } from "#lib/url/report-params.ts";
import { buttonStyle } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";

/** The state of the page that a form keeps while it changes something else. */
export function KeptParams({ params, without }: { params: ReportParams; without: readonly string[] }) {
  return [...toSearchParams(params)]
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => <input key={`${name}=${value}`} type="hidden" name={name} value={value} />);
}

/** Finds prices by words, model and region; everything asked is in the URL. */
export function PriceFinder({
  params,
  find,
  when,
  history,
  offered,
}: {
  params: ReportParams;
  find: string;
  when: "today" | "any";
  history: string | undefined;
  offered: { readonly models: readonly string[]; readonly regions: readonly string[] };
}) {
  return (
    <Form
      action="/prices"
      scroll={false}
      className="grid grid-cols-[minmax(0,2fr)_repeat(3,minmax(0,1fr))_auto] items-end gap-3 border-b px-4 py-3 max-md:grid-cols-1"
    >
      <KeptParams params={params} without={["model", "region"]} />
      {history === undefined ? null : <input type="hidden" name="history" value={history} />}
      <Field label="Words">
        <input
          type="search"
          name="find"
          defaultValue={find}
          placeholder="output batch, or a meter name"
          className={FIELD}
        />
      </Field>
      <Field label="Model">
        <input
          name="model"
          list="all-models"
          defaultValue={params.filter.model?.include?.[0] ?? ""}
          placeholder="every model"
          autoComplete="off"
          className={FIELD}
        />
        <datalist id="all-models">
          {offered.models.map((model) => (
            <option key={model} value={model} />
          ))}
        </datalist>
      </Field>
      <Field label="Region">
        <select name="region" defaultValue={params.filter.region?.include?.[0] ?? ""} className={FIELD}>
          <option value="">every region</option>
          {offered.regions.map((region) => (
            <option key={region} value={region}>
              {region}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Valid">
        <select name="when" defaultValue={when} className={FIELD}>
          <option value="today">today</option>
          <option value="any">whenever</option>
        </select>
      </Field>
      <button type="submit" className={buttonStyle({ tone: "main" })}>
        Find
      </button>
    </Form>
  );
}
