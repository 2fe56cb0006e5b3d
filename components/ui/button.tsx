import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./class-names.ts";

/** The look of what can be pressed, for `<button>` and for a link that looks like one. */
export const buttonStyle = cva(
  "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md transition-colors duration-100 disabled:opacity-50 disabled:pointer-events-none max-md:min-h-11",
  {
    variants: {
      tone: {
        quiet: "text-muted hover:bg-sunken hover:text-text",
        plain: "border border-hairline bg-surface text-text hover:bg-sunken",
        main: "bg-accent-fill text-on-accent hover:opacity-90",
        danger: "border border-hairline bg-surface text-firing hover:bg-firing-soft",
      },
      size: { small: "h-7 px-2 text-sm", normal: "h-8 px-3", icon: "h-7 w-7 max-md:min-w-11" },
    },
    defaultVariants: { tone: "plain", size: "normal" },
  },
);

export function Button({
  tone,
  size,
  className,
  type = "button",
  ...rest
}: ComponentProps<"button"> & VariantProps<typeof buttonStyle>) {
  return <button type={type} className={cn(buttonStyle({ tone, size }), className)} {...rest} />;
}
