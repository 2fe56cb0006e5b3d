"use client";

import { Play, Save, Trash2 } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import type { QueryAnswer } from "#lib/reports/answer-query.ts";
import type { LibraryQuestion, SavedQueryView } from "#lib/reports/load-query.ts";
import { ChartPanel } from "../charts/chart-panel.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Panel, PanelEmpty, PanelFailed } from "../ui/panel.tsx";
import { sendCommand } from "../ui/send-command.ts";
import { toDelimited } from "./delimited.ts";
import { KqlEditor } from "./kql-editor.tsx";
import { type PastQuery, readHistory, writeHistory } from "./query-history.ts";
import { ResultTable } from "./result-table.tsx";
import { SaveQuery } from "./save-query.tsx";
import { isMine, readSaved } from "./saved-queries.ts";

const KEPT_HISTORY = 30;

/** Type KQL, run it, read its rows and its chart, keep it; what was asked before stays in this browser. */
export function QueryView({
  initialText,
  runsAtOnce,
  library,
  initialSaved,
}: {
  initialText: string;
  runsAtOnce: boolean;
  library: readonly LibraryQuestion[];
  initialSaved: readonly SavedQueryView[];
}) {
  const [loaded, setLoaded] = useState(initialText);
  const [text, setText] = useState(initialText);
  const [answer, setAnswer] = useState<QueryAnswer | { kind: "failed"; message: string } | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [past, setPast] = useState<readonly PastQuery[]>([]);
  const [saved, setSaved] = useState(initialSaved);
  const [isSaving, setSaving] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  async function run(wanted: string) {
    setRunning(true);
    setAnswer(await ask(wanted));
    setRunning(false);
    const kept = [{ name: firstLine(wanted), kql: wanted }, ...past.filter((one) => one.kql !== wanted)].slice(
      0,
      KEPT_HISTORY,
    );
    setPast(kept);
    writeHistory(kept);
  }

  function open(kql: string) {
    setLoaded(kql);
    setText(kql);
  }

  async function forget(id: string) {
    const answer = await sendCommand("DELETE", `/api/query/saved/${encodeURIComponent(id)}`);
    if (answer.ok) setSaved(readSaved(answer.body));
    setTrouble(answer.ok ? null : (Object.values(answer.fields)[0] ?? "The query was not removed. Try again."));
  }

  const begin = useEffectEvent(() => {
    setPast(readHistory());
    if (runsAtOnce) void run(initialText);
  });
  useEffect(() => begin(), []);

  return (
    <div className="grid items-start gap-4 lg:grid-cols-[1fr_260px]">
      <div className="flex min-w-0 flex-col gap-4">
        <Panel
          title="Question"
          unit="KQL, read only"
          aside={
            <>
              <Button size="small" onClick={() => setSaving(true)}>
                <Save size={14} aria-hidden /> Save
              </Button>
              <Button size="small" tone="main" disabled={isRunning} onClick={() => void run(text)} title="Ctrl+Enter">
                <Play size={14} aria-hidden /> {isRunning ? "Running…" : "Run"}
              </Button>
            </>
          }
        >
          <KqlEditor key={loaded} initialText={loaded} onChange={setText} onRun={() => void run(text)} />
        </Panel>
        <Answer answer={answer} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Shelf
          title="Saved"
          empty="What you save stays on this server, for you or for everyone."
          questions={saved.map((query) => ({
            ...query,
            about: query.sharedBy === null ? (query.isShared ? "shared" : undefined) : `shared by ${query.sharedBy}`,
            canForget: isMine(query),
          }))}
          onOpen={open}
          onForget={(id) => void forget(id)}
          trouble={trouble}
        />
        <Shelf title="Library" empty="" questions={library} onOpen={open} />
        <Shelf title="History" empty="What you run appears here." questions={past} onOpen={open} />
      </div>
      {isSaving ? (
        <SaveQuery
          isOpen
          kql={text}
          suggestedName={firstLine(text)}
          saved={saved}
          onClose={() => setSaving(false)}
          onSaved={setSaved}
        />
      ) : null}
    </div>
  );
}

function Answer({ answer }: { answer: QueryAnswer | { kind: "failed"; message: string } | null }) {
  if (answer === null)
    return (
      <Panel title="Answer">
        <PanelEmpty title="Nothing was asked yet.">Run the question with Ctrl+Enter.</PanelEmpty>
      </Panel>
    );
  if (answer.kind === "failed")
    return (
      <Panel title="Answer">
        <PanelFailed tried="The question was sent to this server." happened={answer.message} next="Run it again." />
      </Panel>
    );
  if (answer.kind === "refused")
    return (
      <Panel title="Answer" unit={`HTTP ${answer.status}`}>
        <PanelFailed
          tried="The workspace was asked this question."
          happened={answer.message}
          next={
            answer.line === null
              ? "Change the question and run it again."
              : `Look at line ${answer.line}${answer.column === null ? "" : `, column ${answer.column}`}.`
          }
        />
      </Panel>
    );
  const isCut = answer.rows.length < answer.total;
  const note =
    answer.partial ?? (isCut ? `The first ${answer.rows.length} of ${answer.total} rows are here.` : undefined);
  return (
    <>
      {answer.chart ? (
        <ChartPanel
          title={answer.chartTitle}
          model={answer.chart}
          kind={answer.chartKind}
          empty={{ title: "There is nothing to draw.", next: "The result has no row with a number." }}
        />
      ) : null}
      <Panel
        title="Answer"
        unit={`${answer.total} ${answer.total === 1 ? "row" : "rows"} · ${answer.elapsedMs} ms`}
        note={note}
        aside={
          <>
            <CopyButton text={toDelimited(answer, "\t")}>Copy</CopyButton>
            <Button size="small" onClick={() => saveCsv(answer)}>
              CSV
            </Button>
          </>
        }
      >
        {answer.rows.length === 0 ? (
          <PanelEmpty title="The answer has no rows.">
            {answer.columns.map((column) => column.name).join(", ")}
          </PanelEmpty>
        ) : (
          <ResultTable answer={answer} />
        )}
      </Panel>
    </>
  );
}

function Shelf({
  title,
  empty,
  questions,
  onOpen,
  onForget,
  trouble = null,
}: {
  title: string;
  empty: string;
  questions: readonly (PastQuery & { readonly id?: string; readonly about?: string; readonly canForget?: boolean })[];
  onOpen: (kql: string) => void;
  onForget?: (id: string) => void;
  trouble?: string | null;
}) {
  return (
    <Panel title={title}>
      {trouble === null ? null : (
        <p role="alert" className="px-4 py-2 text-sm text-firing">
          {trouble}
        </p>
      )}
      {questions.length === 0 ? (
        <p className="px-4 py-3 text-sm text-muted">{empty}</p>
      ) : (
        <ul className="max-h-80 overflow-auto py-1">
          {questions.map((question) => (
            <li key={question.id ?? question.name + question.kql} className="flex items-center">
              <button
                type="button"
                onClick={() => onOpen(question.kql)}
                className="min-w-0 flex-1 px-4 py-1.5 text-left text-sm hover:bg-sunken max-md:min-h-11"
              >
                <span className="block truncate">{question.name}</span>
                {question.about ? <span className="block truncate text-muted">{question.about}</span> : null}
              </button>
              {onForget && question.id !== undefined && question.canForget ? (
                <Button
                  size="icon"
                  tone="quiet"
                  aria-label={`Forget ${question.name}`}
                  onClick={() => onForget(question.id ?? "")}
                >
                  <Trash2 size={14} aria-hidden />
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

async function ask(text: string): Promise<QueryAnswer | { kind: "failed"; message: string }> {
  try {
    const response = await fetch("/api/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    if (!response.ok) return { kind: "failed", message: `The server answered ${response.status}.` };
    // Written by our own route.
    return (await response.json()) as QueryAnswer;
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : "The server could not be reached." };
  }
}

function saveCsv(answer: Extract<QueryAnswer, { kind: "rows" }>) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([toDelimited(answer, ",")], { type: "text/csv;charset=utf-8" }));
  link.download = "query.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 60) ?? "";
}
