/** What kind of work an operation is; only inference counts in rates. */
export type OperationClass =
  | "chat"
  | "responses"
  | "completions"
  | "embeddings"
  | "images"
  | "audio"
  | "batch"
  | "management"
  | "unknown";

export type Operation = { readonly name: string; readonly class: OperationClass; readonly isInference: boolean };

/**
 * The registry of operation names as the logs, the gateway and spans write them, in lower case (telemetry reference,
 * section 1.1; casing and style vary by API). What is not listed is `unknown`: shown, and not counted as inference.
 */
const REGISTRY: Readonly<Record<string, OperationClass>> = {
  chatcompletions_create: "chat",
  "chatcompletions.create": "chat",
  chatcompletions: "chat",
  chat_completions_create: "chat",
  chat: "chat",
  generate_content: "chat",
  messages_create: "chat",
  anthropic_messages: "chat",
  extensionschatcompletions_create: "chat",
  create_response: "responses",
  responses_create: "responses",
  createresponse: "responses",
  completions_create: "completions",
  text_completion: "completions",
  embeddings_create: "embeddings",
  embeddings: "embeddings",
  imagegenerations_create: "images",
  images_generations_create: "images",
  imagegenerations_submit: "images",
  audio_transcriptions_create: "audio",
  audio_translations_create: "audio",
  audio_speech_create: "audio",
  transcriptions_create: "audio",
  translations_create: "audio",
  speech_create: "audio",
  realtime: "audio",
  batch_completion: "batch",
  batch_line: "batch",
};

const MANAGEMENT =
  /(_list|_get|_delete|_cancel|_upload|^list|^get|^delete|_retrieve|_poll|status)$|^(list|get|create_thread|create_assistant|files|assistants|threads|vector)/;

/** The registered operation of a logged name, without regard to case. */
export function operationOf(name: string): Operation {
  const lower = name.trim().toLowerCase();
  const known = REGISTRY[lower];
  if (known) return { name: lower, class: known, isInference: true };
  if (MANAGEMENT.test(lower)) return { name: lower, class: "management", isInference: false };
  return { name: lower, class: "unknown", isInference: false };
}
