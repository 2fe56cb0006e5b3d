"use client";

import { Play, Save, Trash2 } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import type { QueryAnswer } from "#lib/reports/answer-query.ts";
import type { LibraryQuestion } from "#lib/reports/load-query.ts";
import { ChartPanel } from "../charts/chart-panel.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Panel, PanelEmpty, PanelFailed } from "../ui/panel.tsx";
import { toDelimited } from "./delimited.ts";
import { KqlEditor } from "./kql-editor.tsx";
import { ResultTable } from "./result-table.tsx";
import { readStored, type StoredQuery, writeStored } from "./stored-queries.ts";

const KEPT_HISTORY = 30;

/** Type KQL, run it, read its rows and its chart; what was asked before and what was saved stays in this browser. */
export function QueryView({
  initialText,
  runsAtOnce,
  library,
}: {
  initialText: string;
  runsAtOnce: boolean;
  library: readonly LibraryQuestion[];
}) {
  const [loaded, setLoaded] = useState(initialText);
  const [text, setText] = useState(initialText);
  const [answer, setAnswer] = useState<QueryAnswer | { kind: "failed"; message: string } | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [past, setPast] = useState<readonly StoredQuery[]>([]);
  const [saved, setSaved] = useState<readonly StoredQuery[]>([]);

  async function run(wanted: string) {
    setRunning(true);
    setAnswer(await ask(wanted));
    setRunning(false);
    const kept = [{ name: firstLine(wanted), kql: wanted }, ...past.filter((one) => one.kql !== wanted)].slice(
      0,
      KEPT_HISTORY,
    );
    setPast(kept);
    writeStored("history", kept);
  }

  function open(kql: string) {
    setLoaded(kql);
    setText(kql);
  }

  function keep() {
    const name = window.prompt("Save this query as", firstLine(text));
    if (!name) return;
    const kept = [{ name, kql: text }, ...saved.filter((one) => one.name !== name)];
    setSaved(kept);
    writeStored("saved", kept);
  }

  function forget(name: string) {
    const kept = saved.filter((one) => one.name !== name);
    setSaved(kept);
    writeStored("saved", kept);
  }

  const begin = useEffectEvent(() => {
    setPast(readStored("history"));
    setSaved(readStored("saved"));
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
              <Button size="small" onClick={keep}>
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
          empty="Saved queries stay in this browser."
          questions={saved}
          onOpen={open}
          onForget={forget}
        />
        <Shelf title="Library" empty="" questions={library} onOpen={open} />
        <Shelf title="History" empty="What you run appears here." questions={past} onOpen={open} />
      </div>
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
}: {
  title: string;
  empty: string;
  questions: readonly (StoredQuery & { readonly about?: string })[];
  onOpen: (kql: string) => void;
  onForget?: (name: string) => void;
}) {
  return (
    <Panel title={title}>
      {questions.length === 0 ? (
        <p className="px-4 py-3 text-sm text-muted">{empty}</p>
      ) : (
        <ul className="max-h-80 overflow-auto py-1">
          {questions.map((question) => (
            <li key={question.name + question.kql} className="flex items-center">
              <button
                type="button"
                onClick={() => onOpen(question.kql)}
                className="min-w-0 flex-1 px-4 py-1.5 text-left text-sm hover:bg-sunken max-md:min-h-11"
              >
                <span className="block truncate">{question.name}</span>
                {question.about ? <span className="block truncate text-muted">{question.about}</span> : null}
              </button>
              {onForget ? (
                <Button
                  size="icon"
                  tone="quiet"
                  aria-label={`Forget ${question.name}`}
                  onClick={() => onForget(question.name)}
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
