"use client";

const YEAR_S = 365 * 24 * 3_600;

export type ThemeChoice = "system" | "light" | "dark";

/** Sets the theme of this browser at once and for its next visits. */
export function setTheme(theme: ThemeChoice): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that the product supports.
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
