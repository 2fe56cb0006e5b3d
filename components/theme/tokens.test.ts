import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("../../app/globals.css", import.meta.url), "utf8");
const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
type Rgb = readonly [number, number, number];

const BACKGROUNDS = ["background", "surface", "raised", "sunken"];
const CATEGORIES = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `category-${number}`);

describe.each(THEMES)("%s", (theme) => {
  test.each(["text", "muted", "faint", "accent", "ok", "watch", "firing"])(
    "%s is readable text on every surface",
    (name) => {
      for (const background of BACKGROUNDS)
        expect(contrast(token(name, theme), token(background, theme))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each([
    ["on-accent", "accent-fill"],
    ["text", "accent-soft"],
    ["accent", "accent-soft"],
    ["ok", "ok-soft"],
    ["watch", "watch-soft"],
    ["firing", "firing-soft"],
    ["text", "firing-soft"],
    ["text", "watch-soft"],
  ])("%s is readable on %s", (name, background) => {
    expect(contrast(token(name, theme), token(background, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test("the outline of a control can be seen", () => {
    for (const background of ["background", "surface", "raised"])
      expect(contrast(token("control", theme), token(background, theme))).toBeGreaterThanOrEqual(3);
  });

  test.each([...CATEGORIES, "category-other"])("%s holds 3:1 against the page and the panel", (name) => {
    for (const background of ["background", "surface"])
      expect(contrast(token(name, theme), token(background, theme))).toBeGreaterThanOrEqual(3);
  });
});

/** 0.06 in OKLab is about three times the difference that is just seen side by side. */
const APART = 0.06;

describe.each(["normal", "protanopia", "deuteranopia", "tritanopia"] as const)("with %s vision", (vision) => {
  test("no two category colours are close", () => {
    const close = CATEGORIES.flatMap((a, index) =>
      CATEGORIES.slice(index + 1)
        .map((b) => ({ a, b, distance: distance(seen(token(a, "light"), vision), seen(token(b, "light"), vision)) }))
        .filter((pair) => pair.distance < APART),
    );
    expect(close).toEqual([]);
  });
});

test("a category colour is the same in both themes, so that a name keeps its colour", () => {
  for (const name of CATEGORIES) expect(token(name, "light")).toEqual(token(name, "dark"));
});

function token(name: string, theme: Theme): Rgb {
  const match = new RegExp(`--${name}: (?:light-dark\\((#\\w{6}), (#\\w{6})\\)|(#\\w{6}));`).exec(css);
  const hex = match?.[3] ?? match?.[theme === "light" ? 1 : 2];
  if (!hex) throw new Error(`globals.css has no token --${name}.`);
  const channel = (start: number) => linear(Number.parseInt(hex.slice(start, start + 2), 16));
  return [channel(1), channel(3), channel(5)];
}

function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** WCAG 2 contrast of two linear colours. */
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Machado, Oliveira and Fernandes 2009, severity 1.0, applied to linear light. */
const VISION = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

function seen([r, g, b]: Rgb, vision: keyof typeof VISION): Rgb {
  const m = VISION[vision];
  const row = (i: number) => Math.min(1, Math.max(0, (m[i] ?? 0) * r + (m[i + 1] ?? 0) * g + (m[i + 2] ?? 0) * b));
  return [row(0), row(3), row(6)];
}

function distance(a: Rgb, b: Rgb): number {
  const [x, y] = [oklab(a), oklab(b)];
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

/** OKLab of a linear sRGB colour (Ottosson 2020). */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
