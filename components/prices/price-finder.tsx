import type { PricesParams } from "#lib/url/prices-params.ts";
import type { ReportParams } from "#lib/url/report-params.ts";
import { buttonStyle } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { PricesForm } from "./prices-form.tsx";

/** The id of the one list of models that every field of the page offers. */
export const ALL_MODELS = "all-models";

/** Finds prices by words, model and region; everything asked is in the URL. */
export function PriceFinder({
  params,
  prices,
  offered,
}: {
  params: ReportParams;
  prices: PricesParams;
  offered: { readonly models: readonly string[]; readonly regions: readonly string[] };
}) {
  return (
    <PricesForm
      params={params}
      prices={prices}
      changes={["find", "model", "region", "when"]}
      className="grid grid-cols-[minmax(0,2fr)_repeat(3,minmax(0,1fr))_auto] items-end gap-3 border-b px-4 py-3 max-md:grid-cols-1"
    >
      <Field label="Words">
        <input
          type="search"
          name="find"
          defaultValue={prices.find}
          placeholder="output batch, or a meter name"
          className={FIELD}
        />
      </Field>
      <Field label="Model">
        <input
          name="model"
          list={ALL_MODELS}
          defaultValue={params.filter.model?.include?.[0] ?? ""}
          placeholder="every model"
          autoComplete="off"
          className={FIELD}
        />
        <datalist id={ALL_MODELS}>
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
        <select name="when" defaultValue={prices.when} className={FIELD}>
          <option value="today">today</option>
          <option value="any">whenever</option>
        </select>
      </Field>
      <button type="submit" className={buttonStyle({ tone: "main" })}>
        Find
      </button>
    </PricesForm>
  );
}
