"use client";

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, type Diagnostic as Squiggle } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import type { QueryAssistance } from "#lib/reports/assist-query.ts";
import { kqlLanguage } from "./kql-language.ts";

const LOOK = EditorView.theme({
  "&": { fontSize: "var(--text-sm, 12px)", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-content": { fontFamily: "var(--font-geist-mono), monospace", padding: "10px 0", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--faint)", border: "none" },
  ".cm-scroller": { minHeight: "180px", maxHeight: "46vh", overflow: "auto" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--hairline)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-fill)",
    color: "var(--on-accent)",
  },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.string, color: "var(--ok)" },
  { tag: tags.number, color: "var(--watch)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
  { tag: tags.function(tags.variableName), color: "var(--text)", fontWeight: "500" },
  { tag: tags.typeName, color: "var(--watch)" },
  { tag: tags.operator, color: "var(--muted)" },
]);

/** The KQL editor: squiggles and proposals come from the server's binder, Ctrl+Enter runs. */
export function KqlEditor({
  initialText,
  onChange,
  onRun,
}: {
  initialText: string;
  onChange: (text: string) => void;
  onRun: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const changed = useEffectEvent(onChange);
  const run = useEffectEvent(onRun);

  useEffect(() => {
    if (!place.current) return;
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initialText,
        extensions: [
          EditorView.cspNonce.of(nonceOfDocument()),
          Prec.highest(
            keymap.of([
              {
                key: "Mod-Enter",
                run: () => {
                  run();
                  return true;
                },
              },
            ]),
          ),
          lineNumbers(),
          history(),
          bracketMatching(),
          kqlLanguage,
          syntaxHighlighting(COLOURS),
          autocompletion({ override: [proposals] }),
          linter(squiggles, { delay: 400 }),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "KQL query", "data-gramm": "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          LOOK,
        ],
      }),
    });
    return () => view.destroy();
  }, [initialText]);

  return <div ref={place} className="overflow-hidden rounded-b-md" />;
}

/** The policy is that of the document's first page: a later page, fetched without a reload, is rendered with a nonce that it does not know. */
function nonceOfDocument(): string {
  return [...document.scripts].find((script) => script.nonce)?.nonce ?? "";
}

async function squiggles(view: EditorView): Promise<Squiggle[]> {
  const text = view.state.doc.toString();
  const assistance = await assist({ text });
  return (assistance?.diagnostics ?? []).map((diagnostic) => {
    const from = Math.min(diagnostic.offset, view.state.doc.length);
    return {
      from,
      to: Math.min(Math.max(from + diagnostic.length, from), view.state.doc.length),
      severity: diagnostic.severity === "error" ? "error" : "warning",
      message: `${diagnostic.message} (${diagnostic.code})`,
    };
  });
}

async function proposals(context: CompletionContext): Promise<CompletionResult | null> {
  const typed = context.matchBefore(/[\w-]+$|[|(,]\s*$/);
  if (!context.explicit && !typed) return null;
  const assistance = await assist({ text: context.state.doc.toString(), position: context.pos });
  const completions = assistance?.completions;
  if (!completions || completions.items.length === 0) return null;
  return {
    from: completions.from,
    to: completions.from + completions.length,
    options: completions.items.map(
      (item, index): Completion => ({
        label: item.label,
        type: KINDS[item.kind],
        apply: item.before + item.after,
        boost: -index / 1_000,
      }),
    ),
    validFor: /^[\w-]*$/,
  };
}

const KINDS: Readonly<Record<string, string>> = {
  operator: "keyword",
  keyword: "keyword",
  function: "function",
  aggregate: "function",
  column: "property",
  table: "class",
  value: "variable",
};

async function assist(body: { text: string; position?: number }): Promise<QueryAssistance | null> {
  try {
    const response = await fetch("/api/query/assist", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    // Written by our own route.
    return response.ok ? ((await response.json()) as QueryAssistance) : null;
  } catch {
    return null;
  }
}
