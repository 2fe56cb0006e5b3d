"use client";

import { type FormEvent, useState } from "react";
import type { SavedQueryView } from "#lib/reports/load-query.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { isMine, readSaved } from "./saved-queries.ts";

/** Asks for a name and whether everyone may see the query, and keeps it on the server. */
export function SaveQuery({
  kql,
  suggestedName,
  saved,
  isOpen,
  onClose,
  onSaved,
}: {
  kql: string;
  suggestedName: string;
  saved: readonly SavedQueryView[];
  isOpen: boolean;
  onClose: () => void;
  onSaved: (saved: readonly SavedQueryView[]) => void;
}) {
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);
  const [name, setName] = useState(suggestedName);
  const replaced = saved.find((query) => isMine(query) && query.name === name.trim());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const isShared = new FormData(event.currentTarget).get("isShared") === "on";
    setBusy(true);
    const answer = await sendCommand("PUT", "/api/query/saved", { name, kql, isShared });
    setBusy(false);
    setErrors(answer.ok ? {} : answer.fields);
    if (!answer.ok) return;
    onSaved(readSaved(answer.body));
    onClose();
  }

  return (
    <Dialog title="Save this query" isOpen={isOpen} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-4 p-4">
        {errors.form || errors.kql ? (
          <p role="alert" className="text-firing">
            {errors.form ?? errors.kql}
          </p>
        ) : null}
        <Field
          label="Name"
          error={errors.name}
          hint={replaced ? "You have a query of this name; it is replaced." : undefined}
        >
          <input
            name="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            className={FIELD}
            data-autofocus=""
          />
        </Field>
        <label className="flex items-center gap-2 max-md:min-h-11">
          <input type="checkbox" name="isShared" defaultChecked={replaced?.isShared ?? false} />
          <span>Everyone who may type KQL sees it</span>
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="main" disabled={isBusy}>
            {isBusy ? "Saving…" : "Save"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
