"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type { DeliveryLine, WebhookLine, WebhooksReport } from "#lib/reports/load-webhooks.ts";
import { ActFooter } from "../ui/act-footer.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FIELD, Field } from "../ui/field.tsx";
import { Panel, PanelEmpty, PanelFailed } from "../ui/panel.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { StateWord } from "../ui/state-word.tsx";

/** Where notices go, and what became of the last ones. */
export function WebhooksPanel({ report }: { report: WebhooksReport }) {
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <Panel
        title="Webhooks"
        unit="where alerts and budgets are told"
        id="webhooks"
        aside={
          <Button size="small" onClick={() => setAdding(true)}>
            <Plus size={12} aria-hidden="true" />
            Add a webhook
          </Button>
        }
      >
        {report.failure !== null ? (
          <PanelFailed
            tried="The webhooks could not be opened."
            happened={report.failure}
            next="Start with the SECRETS_KEY that sealed them, or add them anew."
          />
        ) : report.channels.length === 0 ? (
          <PanelEmpty title="No webhook yet: alerts are shown here and sent nowhere.">
            A webhook gets every alert and every budget that is passed, signed after the Standard Webhooks scheme.
          </PanelEmpty>
        ) : (
          <ul>
            {report.channels.map((channel) => (
              <ChannelRow key={channel.id} channel={channel} />
            ))}
          </ul>
        )}
        <AddWebhook isOpen={isAdding} onClose={() => setAdding(false)} />
      </Panel>
      <Deliveries report={report} />
    </>
  );
}

function ChannelRow({ channel }: { channel: WebhookLine }) {
  const router = useRouter();
  const [said, setSaid] = useState<{ readonly state: "ok" | "firing"; readonly text: string } | null>(null);
  const [isDeleting, setDeleting] = useState(false);
  const [isBusy, setBusy] = useState(false);

  async function act(method: "POST" | "DELETE", path: string, done: string) {
    setBusy(true);
    const answer = await sendCommand(method, path);
    setBusy(false);
    setDeleting(false);
    setSaid(
      answer.ok ? { state: "ok", text: done } : { state: "firing", text: Object.values(answer.fields).join(" ") },
    );
    if (answer.ok) router.refresh();
  }

  const path = `/api/channels/${encodeURIComponent(channel.id)}`;
  return (
    <li
      className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2 last:border-b-0"
      data-row={channel.id}
    >
      <span className="min-w-0">
        <span className="block font-medium">{channel.name}</span>
        <span className="block text-sm text-muted">
          <span className="font-mono">
            {channel.host}
            {channel.ending ? `/…${channel.ending}` : ""}
          </span>
        </span>
        {channel.disabledReason ? (
          <StateWord state="firing" className="whitespace-normal text-sm">
            off: {channel.disabledReason}
          </StateWord>
        ) : null}
      </span>
      <span className="ml-auto flex flex-wrap items-center justify-end gap-2">
        <span role="status" className="text-sm">
          {said ? (
            <StateWord state={said.state} className="whitespace-normal">
              {said.text}
            </StateWord>
          ) : null}
        </span>
        {isDeleting ? (
          <>
            <span className="text-sm">What waits for it is cancelled.</span>
            <Button tone="danger" size="small" disabled={isBusy} onClick={() => void act("DELETE", path, "removed")}>
              Remove it
            </Button>
            <Button tone="quiet" size="small" onClick={() => setDeleting(false)}>
              Keep it
            </Button>
          </>
        ) : (
          <>
            <Button
              size="small"
              disabled={isBusy}
              aria-label={`Send a test to ${channel.name}`}
              onClick={() => void act("POST", `${path}/test`, "the test is on its way")}
            >
              Send a test
            </Button>
            <Button
              tone="quiet"
              size="small"
              aria-label={`Remove ${channel.name}`}
              onClick={() => {
                setSaid(null);
                setDeleting(true);
              }}
            >
              Remove…
            </Button>
          </>
        )}
      </span>
    </li>
  );
}

function AddWebhook({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const router = useRouter();
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [secret, setSecret] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  function close() {
    setSecret(null);
    setErrors({});
    onClose();
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await sendCommand("POST", "/api/channels", {
      name: String(data.get("name") ?? ""),
      url: String(data.get("url") ?? ""),
    });
    setBusy(false);
    if (!answer.ok) {
      setErrors(answer.fields);
      return;
    }
    setErrors({});
    setSecret(secretOf(answer.body));
    router.refresh();
  }

  return (
    <Dialog title={secret === null ? "Add a webhook" : "Its signing secret"} isOpen={isOpen} onClose={close}>
      {secret === null ? (
        <form onSubmit={submit} noValidate className="flex flex-col gap-4 p-4">
          {errors.form ? (
            <p role="alert" className="text-firing">
              {errors.form}
            </p>
          ) : null}
          <Field label="Name" error={errors.name}>
            <input
              name="name"
              data-autofocus=""
              autoComplete="off"
              placeholder="On call"
              aria-invalid={errors.name !== undefined}
              className={FIELD}
            />
          </Field>
          <Field
            label="Address"
            hint="An https address. It is sealed at rest; afterwards only its host and its last four characters are shown."
            error={errors.url}
          >
            <input
              name="url"
              type="url"
              inputMode="url"
              autoComplete="off"
              placeholder="https://hooks.example.com/…"
              aria-invalid={errors.url !== undefined}
              className={FIELD}
            />
          </Field>
          <ActFooter leave="Cancel" onLeave={close} act="Add the webhook" isBusy={isBusy} className="pt-4" />
        </form>
      ) : (
        <div className="flex flex-col gap-4 p-4">
          <p>
            Give it to the receiver, which checks the signature of every message with it. It is shown this once and
            never again.
          </p>
          <code className="rounded-md bg-sunken p-3 font-mono text-sm break-all" data-secret="">
            {secret}
          </code>
          <footer className="flex justify-end gap-2 border-t pt-4">
            <CopyButton text={secret}>Copy the secret</CopyButton>
            <Button tone="main" size="small" onClick={close}>
              I have kept it
            </Button>
          </footer>
        </div>
      )}
    </Dialog>
  );
}

function secretOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "secret" in body && typeof body.secret === "string")
    return body.secret;
  return "";
}

function Deliveries({ report }: { report: WebhooksReport }) {
  return (
    <Panel
      title="Recent deliveries"
      unit={report.counts.map(({ state, count }) => `${count} ${state}`).join(" · ") || undefined}
      id="deliveries"
    >
      {report.deliveries.length === 0 ? (
        <PanelEmpty title="Nothing has been sent yet.">A test of a webhook appears here at once.</PanelEmpty>
      ) : (
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard.
          tabIndex={0}
          aria-label="Recent deliveries: rows"
          className="max-h-96 overflow-auto"
        >
          <ul>
            {report.deliveries.map((delivery) => (
              <DeliveryRow key={delivery.id} delivery={delivery} />
            ))}
          </ul>
        </section>
      )}
    </Panel>
  );
}

function DeliveryRow({ delivery }: { delivery: DeliveryLine }) {
  const router = useRouter();
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function replay() {
    setBusy(true);
    const answer = await sendCommand("POST", `/api/outbox/${encodeURIComponent(delivery.id)}/replay`);
    setBusy(false);
    setError(answer.ok ? "" : Object.values(answer.fields).join(" "));
    if (answer.ok) router.refresh();
  }

  return (
    <li
      className="figures flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2 text-sm last:border-b-0"
      data-row={delivery.id}
    >
      <StateWord state={delivery.state} className="w-24">
        {delivery.stateWord}
      </StateWord>
      <span className="w-28">{delivery.written}</span>
      <span className="min-w-0 flex-1">
        {delivery.channel} <span className="text-faint">{delivery.kind}</span>
      </span>
      <span className="text-muted">
        {delivery.attempts === 1 ? "1 attempt" : `${delivery.attempts} attempts`}
        {delivery.outcome ? `, ${delivery.outcome}` : ""}
      </span>
      {delivery.canReplay ? (
        <Button size="small" disabled={isBusy} onClick={() => void replay()}>
          Send again
        </Button>
      ) : null}
      {delivery.lastError ? <span className="w-full break-words text-muted">{delivery.lastError}</span> : null}
      {error ? (
        <span role="alert" className="w-full text-firing">
          {error}
        </span>
      ) : null}
    </li>
  );
}
