import type { ReactNode } from "react";

/** The look of an input, a select and a text area. */
export const FIELD =
  "h-8 w-full min-w-0 rounded-md border border-control bg-surface px-2 text-text placeholder:text-faint max-md:h-11 aria-invalid:border-firing";

/** A labelled input with its hint or what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: string;
  error?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label className="flex flex-col gap-1">
      <span className="text-sm text-muted">{label}</span>
      {children}
      {error ? (
        <span role="alert" className="text-sm text-firing">
          {error}
        </span>
      ) : hint ? (
        <span className="text-sm text-faint">{hint}</span>
      ) : null}
    </label>
  );
}
