"use client";

import { Plus, X } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import type { BudgetForm, BudgetsReport } from "#lib/reports/load-budgets.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FIELD, Field } from "../ui/field.tsx";

type Threshold = { readonly id: number; readonly basis: "actual" | "forecast"; readonly percent: string };

/** Creates or changes the budget that `?edit=` names; closing takes the param away again. */
export function BudgetDialog({
  forms,
  offered,
  defaults,
}: {
  forms: readonly BudgetForm[];
  offered: BudgetsReport["offered"];
  defaults: BudgetForm;
}) {
  const search = useSearchParams();
  const edit = search.get("edit");
  const form = edit === "new" ? defaults : forms.find(({ id }) => id === edit);
  function close() {
    const rest = new URLSearchParams(search);
    rest.delete("edit");
    window.history.pushState(null, "", rest.size > 0 ? `/budgets?${rest}` : "/budgets");
  }
  return (
    <Dialog
      title={form?.id ? `Change ${form.name}` : "New budget"}
      isOpen={form !== undefined}
      onClose={() => edit !== null && close()}
    >
      {form ? <BudgetEditor key={form.id ?? "new"} form={form} offered={offered} onDone={close} /> : null}
    </Dialog>
  );
}

function BudgetEditor({
  form,
  offered,
  onDone,
}: {
  form: BudgetForm;
  offered: BudgetsReport["offered"];
  onDone: () => void;
}) {
  const router = useRouter();
  const [kind, setKind] = useState(form.scope.kind);
  const [thresholds, setThresholds] = useState<readonly Threshold[]>(
    form.thresholds.map((one, id) => ({ id, basis: one.basis, percent: String(one.percent) })),
  );
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);
  const [isDeleting, setDeleting] = useState(false);

  async function send(method: "POST" | "PUT" | "DELETE", body?: unknown) {
    setBusy(true);
    setErrors({});
    try {
      const response = await fetch(form.id ? `/api/budgets/${encodeURIComponent(form.id)}` : "/api/budgets", {
        method,
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      const answer: { error?: string; fields?: Record<string, string> } = await response.json();
      if (!response.ok) {
        setErrors({
          ...answer.fields,
          ...(Object.keys(answer.fields ?? {}).length > 0
            ? {}
            : { form: answer.error ?? `The server answered ${response.status}.` }),
        });
        return;
      }
      onDone();
      router.refresh();
    } catch (error) {
      setErrors({
        form: `The budget was not saved: ${error instanceof Error ? error.message : "the server did not answer"}. Try again.`,
      });
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    void send(form.id ? "PUT" : "POST", {
      name: text("name"),
      scope: kind === "everything" ? { kind } : { kind, [kind]: text("scope") },
      amount: text("amount").replaceAll(",", ""),
      period: text("period"),
      zone: form.zone,
      fiscalStart: form.fiscalStart,
      thresholds: thresholds.map(({ basis, percent }) => ({
        basis,
        percent: percent.trim() === "" ? Number.NaN : Number(percent),
        recipients: null,
      })),
    });
  }

  const values = { everything: [], team: offered.teams, deployment: offered.deployments, model: offered.models }[kind];
  const chosen =
    form.scope.kind === "everything"
      ? ""
      : form.scope.kind === "team"
        ? form.scope.team
        : form.scope.kind === "model"
          ? form.scope.model
          : form.scope.deployment;
  const errorOf = (field: string) => errors[field];
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
      {errors.form ? (
        <p role="alert" className="text-firing">
          {errors.form}
        </p>
      ) : null}
      <Field label="Name" error={errorOf("name")}>
        <input
          name="name"
          defaultValue={form.name}
          data-autofocus=""
          autoComplete="off"
          aria-invalid={errorOf("name") !== undefined}
          className={FIELD}
        />
      </Field>
      <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <Field label="What it counts" error={errorOf("scope")}>
          <select
            value={kind}
            onChange={(event) => setKind(SCOPES.find((scope) => scope === event.target.value) ?? "everything")}
            className={FIELD}
          >
            <option value="everything">everything</option>
            <option value="team">one team</option>
            <option value="deployment">one deployment</option>
            <option value="model">one model</option>
          </select>
        </Field>
        {kind === "everything" ? null : (
          <Field label={`Which ${kind}`} error={errorOf(`scope.${kind}`)}>
            <input
              key={kind}
              name="scope"
              list={`offered-${kind}`}
              defaultValue={form.scope.kind === kind ? chosen : ""}
              autoComplete="off"
              className={FIELD}
            />
            <datalist id={`offered-${kind}`}>
              {values.map((value) => (
                <option key={value} value={value} />
              ))}
            </datalist>
          </Field>
        )}
        <Field label="Amount" hint="a decimal such as 68000 or 1234.56" error={errorOf("amount")}>
          <input
            name="amount"
            inputMode="decimal"
            defaultValue={form.amount}
            autoComplete="off"
            aria-invalid={errorOf("amount") !== undefined}
            className={`${FIELD} figures`}
          />
        </Field>
        <Field label="Every" error={errorOf("period")}>
          <select name="period" defaultValue={form.period} className={FIELD}>
            <option value="month">month</option>
            <option value="quarter">quarter</option>
            <option value="year">year</option>
          </select>
        </Field>
      </div>
      <p className="text-sm text-faint">
        Days of {form.zone}; the fiscal year starts on {form.fiscalStart}.
      </p>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm text-muted">Tell us at</legend>
        {errorOf("thresholds") ? (
          <p role="alert" className="text-sm text-firing">
            {errorOf("thresholds")}
          </p>
        ) : null}
        {thresholds.map((threshold, index) => (
          <div key={threshold.id}>
            <div className="flex items-center gap-2">
              <input
                aria-label={`Threshold ${index + 1} in per cent`}
                inputMode="numeric"
                value={threshold.percent}
                onChange={(event) =>
                  setThresholds(
                    thresholds.map((one) => (one.id === threshold.id ? { ...one, percent: event.target.value } : one)),
                  )
                }
                className={`${FIELD} figures max-w-20 text-right`}
              />
              <span>% of the</span>
              <select
                aria-label={`Threshold ${index + 1} looks at`}
                value={threshold.basis}
                onChange={(event) =>
                  setThresholds(
                    thresholds.map((one) =>
                      one.id === threshold.id
                        ? { ...one, basis: event.target.value === "forecast" ? "forecast" : "actual" }
                        : one,
                    ),
                  )
                }
                className={`${FIELD} max-w-44`}
              >
                <option value="actual">actual cost</option>
                <option value="forecast">forecast cost</option>
              </select>
              <Button
                tone="quiet"
                size="icon"
                aria-label={`Remove threshold ${index + 1}`}
                onClick={() => setThresholds(thresholds.filter((one) => one.id !== threshold.id))}
              >
                <X size={14} aria-hidden="true" />
              </Button>
            </div>
            {errorOf(`thresholds.${index}.percent`) ? (
              <p role="alert" className="text-sm text-firing">
                {errorOf(`thresholds.${index}.percent`)}
              </p>
            ) : null}
          </div>
        ))}
        <Button
          size="small"
          tone="quiet"
          className="self-start"
          onClick={() =>
            setThresholds([
              ...thresholds,
              { id: Math.max(0, ...thresholds.map(({ id }) => id)) + 1, basis: "actual", percent: "" },
            ])
          }
        >
          <Plus size={12} aria-hidden="true" />
          Another threshold
        </Button>
      </fieldset>
      <footer className="flex items-center gap-2 border-t pt-4">
        {form.id && !isDeleting ? (
          <Button tone="danger" onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        ) : null}
        {isDeleting ? (
          <>
            <span className="text-sm">Its history stays. Delete it?</span>
            <Button tone="danger" disabled={isBusy} onClick={() => void send("DELETE")}>
              Delete the budget
            </Button>
            <Button tone="quiet" onClick={() => setDeleting(false)}>
              Keep it
            </Button>
          </>
        ) : (
          <span className="ml-auto flex gap-2">
            <Button tone="quiet" onClick={onDone}>
              Cancel
            </Button>
            <Button tone="main" type="submit" disabled={isBusy}>
              {form.id ? "Save" : "Create the budget"}
            </Button>
          </span>
        )}
      </footer>
    </form>
  );
}

const SCOPES = ["everything", "team", "deployment", "model"] as const;
