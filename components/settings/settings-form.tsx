"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { setTheme, type ThemeChoice } from "../theme/set-theme.ts";
import { Button } from "../ui/button.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { StateWord } from "../ui/state-word.tsx";

type Saved =
  | { readonly state: "idle" | "busy" | "saved" }
  | { readonly state: "failed"; readonly fields: Readonly<Record<string, string>> };

/** The settings of the whole installation. */
export function SettingsForm({
  zone,
  fiscalStart,
  zones,
  currency,
  currencies,
  currencyNote,
  billingStartDay,
}: {
  zone: string;
  fiscalStart: string;
  zones: readonly string[];
  currency: string;
  currencies: readonly string[];
  currencyNote: string | null;
  billingStartDay: { readonly day: number; readonly isFixed: boolean };
}) {
  const [saved, setSaved] = useState<Saved>({ state: "idle" });
  const router = useRouter();
  const errors = saved.state === "failed" ? saved.fields : {};

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setSaved({ state: "busy" });
    try {
      const response = await fetch("/api/settings", {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          zone: data.get("zone"),
          fiscalStart: data.get("fiscalStart"),
          currency: data.get("currency"),
          ...(billingStartDay.isFixed ? {} : { billingStartDay: data.get("billingStartDay") }),
        }),
      });
      const answer: { error?: string; fields?: Record<string, string> } = await response.json();
      if (response.ok) {
        setSaved({ state: "saved" });
        router.refresh();
      } else
        setSaved({
          state: "failed",
          // What is wrong with a field stands at the field.
          fields: answer.fields ?? { form: answer.error ?? `The server answered ${response.status}.` },
        });
    } catch (error) {
      setSaved({
        state: "failed",
        fields: {
          form: `Nothing was saved: ${error instanceof Error ? error.message : "the server did not answer"}. Try again.`,
        },
      });
    }
  }

  return (
    <form onSubmit={submit} className="flex max-w-md flex-col gap-4 p-4">
      <Field label="Reporting time zone" hint="Days of charts and budgets begin at its midnight." error={errors.zone}>
        <input name="zone" list="zones" defaultValue={zone} autoComplete="off" className={FIELD} />
        <datalist id="zones">
          {zones.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </Field>
      <Field label="First day of the fiscal year" hint="month and day, such as 04-01" error={errors.fiscalStart}>
        <input
          name="fiscalStart"
          defaultValue={fiscalStart}
          autoComplete="off"
          className={`${FIELD} figures max-w-28`}
        />
      </Field>
      <Field
        label="First day of the billing period"
        hint={
          billingStartDay.isFixed
            ? "In UTC; Close and Reconcile cut there. A period is closed, so the day stays: another one would cut through it."
            : "1 to 31, in UTC; past a month's end it means its last day. Close and Reconcile cut there, as the invoices of the billing account do. Once a period is closed it stays."
        }
        error={errors.billingStartDay}
      >
        <input
          name="billingStartDay"
          inputMode="numeric"
          defaultValue={billingStartDay.day}
          disabled={billingStartDay.isFixed}
          autoComplete="off"
          className={`${FIELD} figures max-w-28 disabled:opacity-60`}
        />
      </Field>
      <Field
        label="Currency of totals"
        hint="Charges stay in the price book's currency; exchange-rates.csv in the data folder has the dated rates."
        error={errors.currency ?? currencyNote ?? undefined}
      >
        <select name="currency" defaultValue={currency} className={`${FIELD} figures max-w-28`}>
          {currencies.map((code) => (
            <option key={code} value={code}>
              {code}
            </option>
          ))}
        </select>
      </Field>
      <div className="flex items-center gap-3">
        <Button type="submit" tone="main" disabled={saved.state === "busy"}>
          Save
        </Button>
        <span role="status">
          {saved.state === "saved" ? <StateWord state="ok">saved</StateWord> : null}
          {saved.state === "failed" ? <StateWord state="firing">{errors.form ?? "not saved"}</StateWord> : null}
        </span>
      </div>
    </form>
  );
}

/** The theme of this browser; it needs no saving. */
export function ThemeChooser({ theme }: { theme: ThemeChoice }) {
  const [chosen, setChosen] = useState(theme);
  return (
    <fieldset className="flex flex-wrap gap-2 p-4">
      <legend className="sr-only">Theme of this browser</legend>
      {(["system", "light", "dark"] as const).map((choice) => (
        <label
          key={choice}
          className="flex h-8 items-center gap-2 rounded-md border px-3 has-checked:border-accent has-checked:bg-accent-soft max-md:h-11"
        >
          <input
            type="radio"
            name="theme"
            checked={chosen === choice}
            onChange={() => {
              setChosen(choice);
              setTheme(choice);
            }}
          />
          {choice}
        </label>
      ))}
    </fieldset>
  );
}
