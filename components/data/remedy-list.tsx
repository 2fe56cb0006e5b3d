import type { Remedy } from "#lib/doctor/remedies.ts";
import { CopyButton } from "../ui/copy-button.tsx";

/** Texts to copy that mend something, folded away until somebody wants them. */
export function RemedyList({ remedies, about }: { remedies: readonly Remedy[]; about: string }) {
  if (remedies.length === 0) return null;
  const tools = [...new Set(remedies.map(({ tool }) => tool))].join(", ");
  return (
    <details className="group text-sm">
      <summary
        className="w-fit cursor-pointer rounded-sm text-accent hover:underline"
        aria-label={`${tools} for: ${about}`}
      >
        {tools}
      </summary>
      <ul className="mt-2 flex flex-col gap-3">
        {remedies.map(({ tool, text }) => (
          <li key={tool + text} className="flex flex-col gap-1">
            <div className="flex items-center justify-between gap-2">
              <span className="text-muted">{tool}</span>
              <CopyButton text={text}>Copy</CopyButton>
            </div>
            <pre className="max-h-72 overflow-auto rounded-md border bg-sunken p-3 font-mono text-xs whitespace-pre-wrap break-all">
              {text}
            </pre>
          </li>
        ))}
      </ul>
    </details>
  );
}
