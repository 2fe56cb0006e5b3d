/** Versions of models by the month and day that meter names carry; the year is a fact of each model, never a rule. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  "gpt-4o": ["2024-05-13", "2024-08-06", "2024-11-20"],
  "gpt-4o-mini": ["2024-07-18"],
  "gpt-4o-audio-preview": ["2024-10-01", "2024-12-17", "2025-06-03"],
  "gpt-4o-realtime-preview": ["2024-10-01", "2024-12-17", "2025-06-03"],
  "gpt-4o-mini-audio-preview": ["2024-12-17"],
  "gpt-4o-mini-realtime-preview": ["2024-12-17"],
  "gpt-4o-transcribe": ["2025-03-20"],
  "gpt-4o-mini-transcribe": ["2025-03-20", "2025-12-15"],
  "gpt-4o-mini-tts": ["2025-03-20", "2025-12-15"],
  "gpt-4o-transcribe-diarize": ["2025-10-15"],
  "gpt-4.1": ["2025-04-14"],
  "gpt-4.1-mini": ["2025-04-14"],
  "gpt-4.1-nano": ["2025-04-14"],
  "gpt-4.5-preview": ["2025-02-27"],
  "gpt-4-turbo": ["2024-04-09"],
  "gpt-5": ["2025-08-07"],
  "gpt-5-mini": ["2025-08-07"],
  "gpt-5-nano": ["2025-08-07"],
  "gpt-5-chat": ["2025-08-07", "2025-10-03"],
  "gpt-5-codex": ["2025-09-15"],
  "gpt-5-pro": ["2025-10-06"],
  "gpt-5.1": ["2025-11-13"],
  "gpt-5.1-chat": ["2025-11-13"],
  "gpt-5.1-codex": ["2025-11-13"],
  "gpt-5.1-codex-mini": ["2025-11-13"],
  "gpt-5.1-codex-max": ["2025-12-04"],
  "gpt-5.2": ["2025-12-11"],
  "gpt-5.2-pro": ["2025-12-11"],
  "gpt-5.2-chat": ["2025-12-11", "2026-02-10"],
  "gpt-5.2-codex": ["2026-01-14"],
  "gpt-audio": ["2025-08-28"],
  "gpt-audio-mini": ["2025-10-06", "2025-12-15"],
  "gpt-realtime": ["2025-08-28"],
  "gpt-realtime-mini": ["2025-10-06", "2025-12-15"],
  "gpt-image-1": ["2025-04-15"],
  "gpt-image-1-mini": ["2025-10-06"],
  "gpt-image-1.5": ["2025-12-16"],
  o1: ["2024-12-17"],
  "o1-mini": ["2024-09-12"],
  "o1-preview": ["2024-09-12"],
  "o1-pro": ["2025-03-19"],
  o3: ["2025-04-16"],
  "o3-mini": ["2025-01-31"],
  "o3-pro": ["2025-06-10"],
  "o3-deep-research": ["2025-06-26"],
  "o4-mini": ["2025-04-16"],
  "codex-mini": ["2025-05-16"],
  "computer-use-preview": ["2025-03-11"],
};

/** Models whose Azure version is the bare month and day. */
const BARE_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  "gpt-35-turbo": ["0301", "0613", "1106", "0125"],
  "gpt-35-turbo-16k": ["0613"],
  "gpt-35-turbo-instruct": ["0914"],
  "gpt-4": ["0314", "0613"],
  "gpt-4-32k": ["0314", "0613"],
};

/** The version that a date word means for a model, or undefined when the year is not known. */
export function versionOf(model: string, date: string): string | undefined {
  if (date.length === 8) return longDate(date);
  const bare = BARE_VERSIONS[model]?.find((version) => version === date);
  if (bare) return bare;
  const monthAndDay = `${date.slice(0, 2)}-${date.slice(2)}`;
  return VERSIONS[model]?.find((version) => version.endsWith(monthAndDay));
}

/** `05052026` and `20260505` as `2026-05-05`. */
function longDate(date: string): string | undefined {
  const yearFirst = /^20\d{6}$/.test(date);
  const [year, month, day] = yearFirst
    ? [date.slice(0, 4), date.slice(4, 6), date.slice(6)]
    : [date.slice(4), date.slice(0, 2), date.slice(2, 4)];
  const text = `${year}-${month}-${day}`;
  return Number.isNaN(Date.parse(text)) || !/^20/.test(year) ? undefined : text;
}
