"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { ActFooter } from "../ui/act-footer.tsx";
import { Button } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { type BeforeAfter, BeforeAfterTable } from "./before-after-table.tsx";

/** What `POST /api/price-overrides/preview` answers. */
type Preview = {
  readonly month: string;
  readonly teams: readonly (BeforeAfter & { readonly team: string })[];
  readonly total: BeforeAfter;
  readonly meters: number;
  readonly isAtLeast: boolean;
};

/** Writes a negotiated price: what it is about, its terms, its days and where it is written; the preview comes before saving. */
export function AgreementForm({
  currency,
  from,
  offered,
  onDone,
}: {
  currency: string;
  from: string;
  offered: { readonly models: readonly string[]; readonly regions: readonly string[] };
  onDone: () => void;
}) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<"discount" | "price">("discount");
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [preview, setPreview] = useState<Preview | null>(null);
  const [isBusy, setBusy] = useState(false);

  function read(element: HTMLFormElement): unknown {
    const data = new FormData(element);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const about = Object.fromEntries(
      ["meterName", "model", "scope", "region", "tokenKind"].flatMap((name) =>
        text(name) ? [[name, text(name)]] : [],
      ),
    );
    const midnight = (day: string) => (day === "" ? "" : `${day}T00:00:00Z`);
    return {
      about,
      terms:
        kind === "discount"
          ? { kind, percent: text("percent") }
          : { kind, price: text("price"), perUnits: text("perUnits") || "1000000" },
      validFrom: midnight(text("validFrom")),
      validTo: text("validTo") === "" ? null : midnight(text("validTo")),
      reason: text("reason"),
    };
  }

  async function ask(method: "POST" | "PUT", path: string, done: (body: unknown) => void) {
    if (!form.current) return;
    setBusy(true);
    const answer = await sendCommand(method, path, read(form.current));
    setBusy(false);
    setErrors(answer.ok ? {} : answer.fields);
    if (answer.ok) done(answer.body);
    else setPreview(null);
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void ask("PUT", "/api/price-overrides", () => {
      onDone();
      router.refresh();
    });
  }

  const errorOf = (...names: readonly string[]) => names.map((name) => errors[name]).find((text) => text !== undefined);
  const shownFields = new Set([
    "form",
    "terms",
    "terms.percent",
    "terms.price",
    "terms.perUnits",
    "validFrom",
    "validTo",
    "reason",
  ]);
  const others = Object.entries(errors).filter(([name]) => !shownFields.has(name));
  return (
    <form ref={form} onSubmit={submit} onChange={() => setPreview(null)} noValidate className="flex flex-col gap-4 p-4">
      {errors.form || others.length > 0 ? (
        <p role="alert" className="text-firing">
          {[errors.form, ...others.map(([name, text]) => `${name}: ${text}`)].filter(Boolean).join(" ")}
        </p>
      ) : null}
      <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <Field label="Agreed is">
          <select
            value={kind}
            onChange={(event) => setKind(event.target.value === "price" ? "price" : "discount")}
            className={FIELD}
            data-autofocus=""
          >
            <option value="discount">a discount off the list price</option>
            <option value="price">a price</option>
          </select>
        </Field>
        {kind === "discount" ? (
          <Field label="Discount in per cent" hint="such as 8.63" error={errorOf("terms.percent", "terms")}>
            <input name="percent" inputMode="decimal" autoComplete="off" className={`${FIELD} figures`} />
          </Field>
        ) : (
          <div className="grid grid-cols-2 gap-3">
            <Field label={`Price in ${currency}`} error={errorOf("terms.price", "terms")}>
              <input name="price" inputMode="decimal" autoComplete="off" className={`${FIELD} figures`} />
            </Field>
            <Field label="for how many units" error={errorOf("terms.perUnits")}>
              <input
                name="perUnits"
                inputMode="numeric"
                defaultValue="1000000"
                autoComplete="off"
                className={`${FIELD} figures`}
              />
            </Field>
          </div>
        )}
      </div>
      <fieldset className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <legend className="mb-1 text-sm text-faint">What it is about; nothing chosen is every meter</legend>
        <Field label="Model" error={errors["about.model"]}>
          <input name="model" list="offered-models" autoComplete="off" placeholder="every model" className={FIELD} />
          <datalist id="offered-models">
            {offered.models.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
        </Field>
        <Field label="Kind of token">
          <select name="tokenKind" className={FIELD}>
            <option value="">every kind</option>
            <option value="input">input</option>
            <option value="cached_input">cached input</option>
            <option value="cache_write">cache write</option>
            <option value="output">output</option>
          </select>
        </Field>
        <Field label="Scope">
          <select name="scope" className={FIELD}>
            <option value="">every scope</option>
            <option value="Global">Global</option>
            <option value="DataZone">Data Zone</option>
            <option value="Regional">Regional</option>
          </select>
        </Field>
        <Field label="Region" error={errors["about.region"]}>
          <input name="region" list="offered-regions" autoComplete="off" placeholder="every region" className={FIELD} />
          <datalist id="offered-regions">
            {offered.regions.map((region) => (
              <option key={region} value={region} />
            ))}
          </datalist>
        </Field>
        <div className="col-span-full">
          <Field label="Meter name" hint="as the price list writes it; only for an agreement about one meter">
            <input name="meterName" autoComplete="off" className={FIELD} />
          </Field>
        </div>
      </fieldset>
      <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <Field label="First day" hint="at midnight UTC, as Azure's prices change" error={errors.validFrom}>
          <input name="validFrom" type="date" defaultValue={from} className={`${FIELD} figures`} />
        </Field>
        <Field label="Until, not including" hint="empty: until it is retired" error={errors.validTo}>
          <input name="validTo" type="date" className={`${FIELD} figures`} />
        </Field>
      </div>
      <Field label="Where it is written" error={errors.reason}>
        <input name="reason" autoComplete="off" placeholder="Enterprise Agreement 4711, annex B" className={FIELD} />
      </Field>
      {preview ? <PreviewTable preview={preview} /> : null}
      <ActFooter leave="Cancel" onLeave={onDone} act="Save" isBusy={isBusy} className="pt-4">
        <Button
          disabled={isBusy}
          onClick={() =>
            void ask("POST", "/api/price-overrides/preview", (body) =>
              setPreview((body as { preview: Preview }).preview),
            )
          }
        >
          Preview this billing period
        </Button>
      </ActFooter>
    </form>
  );
}

function PreviewTable({ preview }: { preview: Preview }) {
  const { teams, total, meters, isAtLeast } = preview;
  return (
    <section aria-label="Preview" className="rounded-md border">
      <p className="border-b px-3 py-2 text-sm">
        {meters === 0
          ? `Nothing used in ${preview.month} would change.`
          : `${preview.month} so far: ${total.before.shown} would be ${total.after.shown} (${total.difference.shown}); ${meters === 1 ? "one meter" : `${meters} meters`} in use would move.`}
        {isAtLeast ? " Usage without one price stands as it is." : ""} Saving prices what is read from then on; the past
        is priced again below the agreements.
      </p>
      {meters === 0 ? null : (
        <BeforeAfterTable
          name="Preview by team"
          words={["Team"]}
          rows={teams.map((team) => ({ ...team, id: team.team, words: [team.team] }))}
          total={total}
        />
      )}
    </section>
  );
}
